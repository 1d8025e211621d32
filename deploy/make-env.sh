#!/bin/sh
# Make .env from .env.example, or fill in the secrets that are still empty in .env; values already there are kept.
set -eu
cd "$(dirname "$0")/.."
umask 077
[ -e .env ] || cp .env.example .env
chmod 600 .env
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
for name in SECRET_KEY NLU_TOKEN POSTGRES_PASSWORD TELEGRAM_WEBHOOK_SECRET; do
    grep -q "^$name=." .env && continue
    # (grep also ends a last line that has no line ending yet.)
    { grep -v "^$name=\$" .env || :; echo "$name=$(random)"; } > .env.new
    mv .env.new .env
    echo "Đã tạo $name trong .env."
done
echo "Còn phải tự điền trong .env: TELEGRAM_BOT_TOKEN và SITE_DOMAIN (xem lời giải thích trong tệp)."
