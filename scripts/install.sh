#!/usr/bin/env bash
# Makes .venv from the lock that fits this machine. Does nothing when the lock has not changed since.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.11}
command -v "$python" >/dev/null || python=python3
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "Python 3.11 is needed, and $("$python" --version) was found. Name one with: make PYTHON=/path/to/python3.11" >&2
  exit 2
}

extra=cpu
if command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q GPU; then extra=gpu; fi
wanted=$(cat "requirements/$extra.txt" requirements/embedded.txt pyproject.toml "$0" | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
if [ "$(cat .venv/installed 2>/dev/null)" = "$wanted" ]; then exit 0; fi

echo "Installing into .venv for $extra (a first time downloads about $([ $extra = cpu ] && echo 1 || echo 5) GB)"
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==0.13.9"

# Where pip is told of a folder with wheels, uv is too; else uv itself knows where PyTorch keeps its CPU builds.
options=()
if [ -n "${PIP_FIND_LINKS:-}" ]; then
  for place in $PIP_FIND_LINKS; do options+=(--find-links "$place"); done
elif [ "$extra" = cpu ]; then
  options+=(--torch-backend cpu)
fi
uv=(.venv/bin/uv pip install --python .venv/bin/python --no-deps)
"${uv[@]}" "${options[@]}" -r "requirements/$extra.txt" -r requirements/embedded.txt
"${uv[@]}" --quiet --editable .
echo "$wanted" > .venv/installed
