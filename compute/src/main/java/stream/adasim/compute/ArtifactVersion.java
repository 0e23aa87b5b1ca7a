package stream.adasim.compute;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Versions of libraries, as the archives on the class path tell them. */
public final class ArtifactVersion {
  private static final String UNKNOWN = "of unknown version";

  private ArtifactVersion() {}

  /** The version of a Maven artefact on the class path, or words that say it is not known. */
  public static String of(String group, String artifact) {
    String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    try (InputStream in = ArtifactVersion.class.getResourceAsStream(path)) {
      if (in == null) {
        return UNKNOWN;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", UNKNOWN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
