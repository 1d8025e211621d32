#!/bin/sh
# In an image: the user that runs the service, and the folders that named volumes take their owner from.
# Both images have the same user id, because the NLU server reads the models that the service writes.
set -eu
groupadd --gid 10001 service
useradd --uid 10001 --gid service --no-create-home --home-dir /tmp --shell /usr/sbin/nologin service
install -d -o service -g service -m 0750 /service/var /service/var/models /service/var/vectors
