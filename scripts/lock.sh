#!/usr/bin/env bash
# Resolves pyproject.toml into requirements/cpu.txt and requirements/gpu.txt: names and versions only.
set -euo pipefail
cd "$(dirname "$0")/.."
options=(--quiet --python-version 3.11 --extra dev --no-header --no-annotate --no-emit-index-url)
cpu=(--torch-backend cpu)
if [ -n "${PIP_FIND_LINKS:-}" ]; then cpu=(--find-links "$PIP_FIND_LINKS"); fi
.venv/bin/uv pip compile "${options[@]}" "${cpu[@]}" --extra cpu -o requirements/cpu.txt pyproject.toml
.venv/bin/uv pip compile "${options[@]}" --extra gpu -o requirements/gpu.txt pyproject.toml
# The plain version stands for any build of it.
sed -i 's/+cpu$//' requirements/cpu.txt
