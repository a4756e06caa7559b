#!/usr/bin/env bash
# Builds the frozen program in dist/yowo-studio and tries it out; takes some minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

bash "$here/setup.sh" freeze
cd "$here/.."
.venv/bin/python -m PyInstaller --noconfirm --log-level ERROR packaging/yowo-studio.spec
.venv/bin/python packaging/smoke_test.py dist/yowo-studio/yowo-studio
du -sh dist/yowo-studio
