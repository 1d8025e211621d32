# Caddy, not as root: it listens on ports above 1024, and its folders belong to the user it runs as.
FROM caddy:2.10.2-alpine
RUN chown -R 10001:10001 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
