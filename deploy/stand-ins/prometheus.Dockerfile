# Prometheus as prom/prometheus serves it, where that image cannot be pulled: Debian's package, which is older (2.42). Not
# for production.
ARG RUNTIME_IMAGE
FROM ${RUNTIME_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends prometheus \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o nobody -g nogroup /prometheus
USER nobody
VOLUME ["/prometheus"]
ENTRYPOINT ["/usr/bin/prometheus"]
