"""Names in a pickle that could run something, and for which a file is refused."""

import sys

from yowo_core.weights.inert import Global

_HARMLESS = {  # of the standard library: data that checkpoints are known to hold
    "__builtin__": "set frozenset list dict tuple int long float bool str unicode bytes bytearray "
    "complex slice range xrange object getattr type",
    "builtins": "set frozenset list dict tuple int float bool str bytes bytearray complex slice "
    "range object getattr type",
    "_codecs": "encode",
    "_collections": "OrderedDict deque defaultdict",
    "argparse": "Namespace",
    "array": "array _array_reconstructor",
    "collections": "OrderedDict defaultdict deque Counter",
    "copy_reg": "_reconstructor __newobj__",
    "copyreg": "_reconstructor __newobj__ __newobj_ex__",
    "datetime": "datetime date time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "functools": "partial",
    "logging": "getLogger Logger",
    "pathlib": "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath",
    "pathlib._local": "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath",
    "types": "SimpleNamespace",
    "uuid": "UUID",
}
_OTHERS = (
    "__builtin__ commands copy_reg dl nt popen2 thread urllib2 pip setuptools "
    "distutils pkg_resources requests httpx aiohttp cloudpickle dill joblib IPython paramiko "
    "fabric sh psutil cffi win32api win32com pexpect"
)
_MODULES = frozenset(sys.stdlib_module_names) | frozenset(_OTHERS.split())
_PARTS = (
    "torch.hub",
    "torch.jit",
    "torch.package",
    "torch.utils.cpp_extension",
    "torch.utils.data.datapipes",
    "torch.utils.model_zoo",
    "torch.distributed.rpc",
    "torch.multiprocessing",
    "torch.testing",
    "numpy.testing",
    "numpy.f2py",
    "numpy.distutils",
    "numpy.ctypeslib",
)
_NAMES = {
    *("eval", "exec", "execfile", "compile", "__import__", "import_module", "load_module"),
    *("system", "popen", "Popen", "spawn", "spawnl", "spawnv", "fork", "execv", "execve"),
    *("check_output", "check_call", "runstring", "run_string", "load_library", "loads", "open"),
}
_FILES = {"load", "_load", "_legacy_load", "save", "fromfile", "memmap", "DataSource"}


def could_run(name: Global) -> bool:
    """Whether calling this could do more than make a value."""
    root = name.module.split(".", 1)[0]
    if root in _MODULES:
        return name.name not in _HARMLESS.get(name.module, "").split()
    if any(name.module == part or name.module.startswith(part + ".") for part in _PARTS):
        return True
    if root in {"torch", "numpy"} and name.name in _FILES:
        return True
    steps = name.name.split(".")
    return steps[-1] in _NAMES or any(step in _MODULES for step in steps[:-1])
