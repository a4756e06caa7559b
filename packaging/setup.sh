#!/usr/bin/env bash
# Installs what the program (start), its tests (test) or a frozen build (freeze) need: Debian
# packages where that is the system, everything else into .venv. Quick when nothing changed.
#
# YOWO_TORCH chooses another build of PyTorch than the one for CPUs, as arguments of pip install:
#   YOWO_TORCH="torch --index-url https://download.pytorch.org/whl/cu130" bash packaging/start.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TORCH=2.13.0
CPU_WHEELS=https://download.pytorch.org/whl/cpu
FOR_QT="libglib2.0-0 libegl1 libgl1 libfontconfig1 libxkbcommon0 libdbus-1-3
    libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0
    libwayland-cursor0 libwayland-egl1"

purpose=${1:-}
case $purpose in
    start) extra="" packages=$FOR_QT ;;
    test) extra="[dev]" packages="$FOR_QT xvfb xauth" ;;
    freeze) extra="[frozen]" packages="$FOR_QT binutils" ;;
    *) echo "usage: bash packaging/setup.sh start|test|freeze" >&2; exit 2 ;;
esac

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

stop() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

is_installed() {  # some names end in t64 from Debian 13 and Ubuntu 24.04 on
    local states
    states=$(dpkg-query -W -f '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null || true)
    grep -qx installed <<<"$states"
}

find_python() {  # prints a Python that is new enough and can make virtual environments
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

install_packages() {  # those of the given names that are missing
    local name missing=""
    command -v dpkg-query >/dev/null || return 0
    for name in "$@"; do
        is_installed "$name" || missing="$missing $name"
    done
    [ -n "$missing" ] || return 0
    say "Installing Debian packages:$missing"
    local root=""
    if [ "$(id -u)" -ne 0 ]; then
        root=sudo
        command -v sudo >/dev/null || stop "These packages are missing, and only root can install\
 them. Have this run as root, then start again:
  apt-get update && apt-get install --no-install-recommends$missing"
    fi
    $root apt-get update -qq
    # shellcheck disable=SC2086  # a list of names
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
}

make_environment() {
    local python
    if [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 \
        && { [ ! -e .venv/checkout ] || [ "$(cat .venv/checkout)" = "$PWD" ]; }; then
        return
    fi
    python=$(find_python) || stop "Python 3.11 or newer was not found. Install it with its venv\
 module (Ubuntu 22.04: python3.11 python3.11-venv from a newer release), then start again."
    say "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
    pwd > .venv/checkout
}

install_shared_python() {  # a frozen program carries it; Debian's python3 does without
    case $(readlink -f .venv/bin/python) in
        /usr/bin/python3*) install_packages "lib$(basename "$(readlink -f .venv/bin/python)")" ;;
    esac
}

pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

torch_version() {  # of what is in .venv, such as 2.13.0+cpu
    .venv/bin/python -c 'from importlib.metadata import version; print(version("torch"))' \
        2>/dev/null
}

install_torch() {
    if [ -n "${YOWO_TORCH:-}" ] && [ "$YOWO_TORCH" != "$(cat .venv/torch-choice 2>/dev/null)" ]; then
        say "Installing the chosen PyTorch: pip install $YOWO_TORCH"
        pip uninstall -q -y torch
        # shellcheck disable=SC2086  # arguments of pip
        pip install $YOWO_TORCH
        printf %s "$YOWO_TORCH" > .venv/torch-choice
    elif ! torch_version >/dev/null; then
        install_cpu_torch
    fi
}

install_cpu_torch() {
    local wanted="torch==$TORCH"
    say "Installing PyTorch $TORCH for CPUs"
    # the plain name brings gigabytes of CUDA on Linux; the build's name never does
    [ "$(uname)" = Darwin ] || wanted="$wanted+cpu"
    # without dependencies: those come from the usual index below, in known-good versions
    pip install --no-deps --retries 2 --index-url "$CPU_WHEELS" "$wanted" \
        || pip install --no-deps "$wanted" || stop "PyTorch's build for CPUs was found neither at $CPU_WHEELS
nor in your own package index. Check the connection, or choose a build yourself;
this one is at every package index, and on Linux several gigabytes with CUDA:
  YOWO_TORCH=\"torch==$TORCH\" bash packaging/setup.sh $purpose"
}

fingerprint() { { pwd; cat pyproject.toml packaging/constraints.txt packaging/setup.sh; } | cksum; }

is_current() {
    [ "$(cat ".venv/installed-$purpose" 2>/dev/null)" = "$(fingerprint)" ] \
        && { [ -z "${YOWO_TORCH:-}" ] || [ "$YOWO_TORCH" = "$(cat .venv/torch-choice 2>/dev/null)" ]; }
}

find_python >/dev/null || packages="$packages python3 python3-venv"
# shellcheck disable=SC2086  # a list of names
install_packages $packages
if ! is_current; then
    make_environment
    [ "$purpose" != freeze ] || install_shared_python
    install_torch
    say "Installing the program and what it needs"
    # an installed PyTorch stays as it is, whatever was chosen
    printf 'torch==%s\n' "$(torch_version)" > .venv/torch-installed.txt
    pip install -c packaging/constraints.txt -c .venv/torch-installed.txt -e ".$extra"
    fingerprint | tee ".venv/installed-$purpose" > .venv/installed-start
fi
