# The citizens' door, the office's pages and the one-shot preparation: one image, three commands (docker-compose.yml).
FROM python:3.11.13-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt deploy/make-environment.sh ./
RUN UV_NO_CACHE=1 sh make-environment.sh /opt/packages requirements.txt requirements.txt

FROM python:3.11.13-slim-bookworm
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /service
COPY deploy/make-user.sh deploy/
RUN sh deploy/make-user.sh
COPY --from=packages /opt/packages /opt/packages
COPY deploy/health.py deploy/prepare.sh deploy/
COPY config.yml ./
COPY bot bot
COPY dialogue dialogue
COPY faq faq
COPY nlu nlu
COPY stats stats
COPY web web
RUN python -m compileall -q bot dialogue faq nlu stats web
USER 10001:10001
CMD ["python", "-m", "web", "run"]
