#!/usr/bin/env bash
# The tests drive the page in Chromium and the state in PostgreSQL. Installs both where apt may be used;
# elsewhere the tests that need them say so and skip.
set -uo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "Installing ${missing[*]} for the tests"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >/dev/null && exit 0
fi
echo "Tests that need ${missing[*]} will be skipped: install them with your system's package manager to run all tests."
