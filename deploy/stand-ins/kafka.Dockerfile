# Kafka as apache/kafka serves it, where that image cannot be pulled: the same version from Maven Central, its environment
# read by Kafka's own wrapper. Not for production.
ARG BUILD_IMAGE
FROM adasim-stream:build AS build
FROM ${BUILD_IMAGE}
COPY --from=build /src/standalone/target/dist/lib /opt/kafka/libs
RUN useradd --uid 1000 --no-create-home appuser \
    && install -d -o appuser -g appuser /etc/kafka/docker /mnt/shared/config /opt/kafka/config /var/lib/kafka/data \
    && touch /etc/kafka/docker/server.properties
USER 1000
VOLUME ["/var/lib/kafka/data"]
# The wrapper formats the storage, and fails where that was done at an earlier start.
CMD ["bash", "-c", "set -e; \
    said=$(java -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
      --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) \
      || grep -q 'already formatted' <<<\"$said\" || { echo \"$said\" >&2; exit 1; }; \
    exec java ${KAFKA_HEAP_OPTS:--Xmx1g} -cp '/opt/kafka/libs/*' kafka.Kafka /opt/kafka/config/server.properties"]
