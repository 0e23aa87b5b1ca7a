# Apicurio Registry as apicurio/apicurio-registry serves it, where that image cannot be pulled: the same version from Maven
# Central. Not for production.
ARG BUILD_IMAGE
FROM adasim-stream:build AS build
FROM ${BUILD_IMAGE}
COPY --from=build /src/standalone/target/dist/registry /deployments
RUN useradd --uid 1000 --no-create-home registry
USER 1000
ENV QUARKUS_HTTP_HOST=0.0.0.0
CMD ["java", "-Xmx256m", "-XX:+UseSerialGC", "-jar", "/deployments/quarkus-run.jar"]
