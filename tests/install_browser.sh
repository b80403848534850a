#!/bin/sh
# Chromium for the browser tests, and a font that has Chinese: from the system's packages, where that is allowed.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "$CHROMIUM" ] && exit 0
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && exit 0
as_root=""
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; else
    echo "No Chromium here, and it may not be installed: the browser tests will be skipped."; exit 0
  fi
fi
if command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests …"
  { $as_root apt-get update -q && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk; } >/dev/null 2>&1 \
    || echo "Chromium could not be installed: the browser tests will be skipped."
else
  echo "No Chromium here: the browser tests will be skipped."
fi
exit 0
