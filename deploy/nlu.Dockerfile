# The NLU server: Rasa Open Source with our components, on the only Python it still runs on.
FROM python:3.10.18-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt deploy/make-environment.sh ./
COPY nlu/server/requirements.txt nlu.txt
RUN UV_NO_CACHE=1 sh make-environment.sh /opt/packages nlu.txt requirements.txt

FROM python:3.10.18-slim-bookworm
# The same as service.parts.rasa_environment() (tests/deploy compares them), and Rasa's own caches where it may write.
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/service \
    PYTHONWARNINGS=ignore \
    TQDM_DISABLE=1 \
    RASA_TELEMETRY_ENABLED=false \
    TF_CPP_MIN_LOG_LEVEL=3 \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    LOG_LEVEL=WARNING \
    OMP_NUM_THREADS=1 \
    GOMP_SPINCOUNT=1000 \
    MALLOC_ARENA_MAX=2 \
    NLU_CACHE=/service/var/vectors \
    HOME=/tmp \
    RASA_CACHE_DIRECTORY=/tmp/rasa-cache \
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /service
COPY deploy/make-user.sh deploy/
RUN sh deploy/make-user.sh
COPY --from=packages /opt/packages /opt/packages
COPY deploy/health.py deploy/nlu.sh deploy/
COPY nlu nlu
RUN python -m compileall -q nlu/server
USER 10001:10001
CMD ["sh", "deploy/nlu.sh"]
