#!/bin/sh
# Make a Python environment from hashed requirements, with the uv that requirements.txt names.
# Usage: make-environment.sh TARGET REQUIREMENTS LOCK_WITH_UV   (PYTHON says which Python; both images and .ci/run use this)
set -eu
target=$1 requirements=$2 lock=$3 python=${PYTHON:-python3}

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$python" -m venv "$tools/uv"
awk '/^uv==/ { on = 1 } on { if (!/\\$/) { print; exit } print }' "$lock" > "$tools/uv.txt"
"$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes \
    -r "$tools/uv.txt"
"$tools/uv/bin/uv" venv --quiet --python "$python" "$target"
# Byte code is made here, because the file systems of the containers are read-only.
"$tools/uv/bin/uv" pip sync --quiet --python "$target/bin/python" --require-hashes --compile-bytecode "$requirements"
