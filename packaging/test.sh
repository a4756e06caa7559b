#!/usr/bin/env bash
# Sets up and runs the whole check: style, types, layers, tests. All parts run; any failure fails.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

bash "$here/setup.sh" test || exit 1
cd "$here/.." || exit 1
export PATH="$PWD/.venv/bin:$PATH"
failed=""
# a test that hangs inside Qt's event loop is out of a signal's reach
pytest=(python -m pytest -o timeout_method=thread)

check() {
    local name=$1
    shift
    printf '\n\033[1m== %s\033[0m\n' "$name"
    "$@" || failed="$failed, $name"
}

check "Format" ruff format --check
check "Lint" ruff check
check "Types" mypy
check "Layers" lint-imports --no-cache
marked="not slow and not gpu"
if command -v xvfb-run >/dev/null; then
    check "User stories on a virtual screen" \
        env QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24" "${pytest[@]}" \
        -m "e2e and not slow and not gpu"
    marked="not e2e and $marked"  # they need not run twice
fi
check "Tests" "${pytest[@]}" -m "$marked"
if [ -n "$failed" ]; then
    printf '\nFailed: %s\n' "${failed#, }" >&2
    exit 1
fi
