# AdaSim Stream in one image: learner, indexer and ingest are its commands.
#
# The base images are arguments, so that a mirror's or one's own can take their place:
#   BUILD_IMAGE    a JDK 25
#   RUNTIME_IMAGE  glibc, libstdc++, bash and useradd
# So is what Maven is told besides:
#   MAVEN_ARGS     -Pnd4j-cuda for a learner on the GPU
ARG BUILD_IMAGE=eclipse-temurin:25-jdk-noble
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
ARG MAVEN_ARGS
WORKDIR /src
# All that comes from Maven Central in a layer of its own: modules without sources need the same, and a source that changes
# doesn't have it downloaded again. The schemas' sources are there because their plugin insists on some.
COPY mvnw pom.xml ./
COPY .mvn .mvn
COPY schemas schemas
COPY compute/pom.xml compute/
COPY http/pom.xml http/
COPY ingest/pom.xml ingest/
COPY learner/pom.xml learner/
COPY indexer/pom.xml indexer/
COPY standalone/pom.xml standalone/
COPY bench/pom.xml bench/
RUN ./mvnw -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true package && rm -rf */target
COPY . .
RUN ./mvnw -B -ntp -Dmaven.test.skip=true -Dspotless.check.skip=true package
# What the services and their libraries use of Java, and nothing else.
RUN jlink --strip-java-debug-attributes --no-header-files --no-man-pages --compress=zip-6 --output /runtime --add-modules \
    java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.rmi,java.scripting,java.security.jgss,java.security.sasl,java.sql,java.xml,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs

FROM ${RUNTIME_IMAGE}
RUN useradd --uid 10001 --home-dir /data --no-create-home adasim \
    && install -d -o adasim -g adasim /data /state /images
COPY --from=build /runtime /opt/java
COPY --from=build /src/standalone/target/dist/lib /opt/adasim/lib
COPY --from=build /src/standalone/target/dist/jvm.options /opt/adasim/jvm.options
# The root file system may be read-only: libraries are unpacked into /state, which is each container's own; /data is what
# outlives it, checkpoints above all.
ENV XDG_CACHE_HOME=/state/cache \
    ROCKSDB_SHAREDLIB_DIR=/state \
    OMP_WAIT_POLICY=passive
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/state"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/java/bin/java", "@/opt/adasim/jvm.options", "-XX:MaxRAMPercentage=40", \
    "-Dadasim.home=/opt/adasim", "-cp", "/opt/adasim/lib/*", "stream.adasim.standalone.cli.Main"]
CMD ["--help"]
