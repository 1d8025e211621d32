#!/bin/sh
# What must be done before the service starts: tables up to date; the FAQ filled in and published if there is none yet.
set -eu
python -m faq migrate
exec python -m faq fill --by "cài đặt"
