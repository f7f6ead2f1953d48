#!/usr/bin/env bash
# Windows on Debian's virtual screen Xvfb, which is installed where it is missing. Screenshots are left in build/window.
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
command -v Xvfb >/dev/null || missing+=(xvfb)
command -v xdotool >/dev/null || missing+=(xdotool)
.venv/bin/python -c "import tkinter" 2>/dev/null || missing+=(python3-tk)
if [ ${#missing[@]} != 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo --non-interactive)
  if ! { command -v apt-get && { [ "$(id -u)" = 0 ] || "${as_root[@]}" true; }; } >/dev/null 2>&1; then
    echo "make window: needs Debian's packages ${missing[*]}, and may not install them here" >&2
    exit 1
  fi
  exec 9< Makefile && flock 9  # one installs at a time
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "${missing[@]}" >/dev/null
  exec 9<&-
fi
if ! .venv/bin/python -c "import tkinter" 2>/dev/null; then
  echo "make window: the Python in .venv has no Tk, nor takes Debian's: try make clean window PYTHON=/usr/bin/python3" >&2
  exit 1
fi
mkdir -p build
exec .venv/bin/python -m pytest -q tests/window --basetemp=build/window
