#!/bin/sh
# Start Rasa on the containers' private network: with the live model, or with none yet, ready to train.
set -eu
models=${MODELS:-/service/var/models}
model=$models/live.tar.gz
[ -f "$model" ] || model=$models
exec python -m nlu.server.run run --enable-api \
    --interface "${NLU_HOST:-0.0.0.0}" --port "${NLU_PORT:-5005}" --model "$model" \
    --auth-token "${NLU_TOKEN:?}"
