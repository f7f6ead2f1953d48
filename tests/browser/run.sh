#!/usr/bin/env bash
# The index page in Debian's chromium, which is installed where it is missing. Screenshots and a PDF are left in build/browser.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! [ -x /usr/bin/chromium ] || ! [ -x /usr/bin/chromedriver ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo --non-interactive)
  if ! { command -v apt-get && { [ "$(id -u)" = 0 ] || "${as_root[@]}" true; }; } >/dev/null 2>&1; then
    echo "make browser: needs Debian's packages chromium and chromium-driver, and may not install them here" >&2
    exit 1
  fi
  exec 9< Makefile && flock 9  # one installs at a time
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null
  exec 9<&-
fi
mkdir -p build
exec .venv/bin/python -m pytest -q tests/browser --basetemp=build/browser
