#!/usr/bin/env bash
# Sets up and starts the program on its built-in demo; further arguments go to the program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

bash "$here/setup.sh" start
cd "$here/.."
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    echo "There is no screen here to show a window on: DISPLAY and WAYLAND_DISPLAY are not set." >&2
    echo "Start this from a desktop session, or on a virtual screen with xvfb-run." >&2
    exit 1
fi
.venv/bin/yowo models --ready demo
exec .venv/bin/yowo-studio --demo "$@"
