package stream.adasim.ingest.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HttpMediaType;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.fileupload2.core.FileUploadSizeException;
import org.apache.commons.fileupload2.core.MultipartInput;
import org.apache.commons.fileupload2.core.ParameterParser;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Body;
import stream.adasim.http.Problem;

/** The parts of a multipart request, one after the other as they come in. */
final class Multipart {
  private static final String FORM = "multipart/form-data";
  private static final String DISPOSITION = "content-disposition:";

  private final MultipartInput input;
  private boolean begun;

  /**
   * A part.
   *
   * @param name of the field
   * @param file whether it has a file name, as what a client read from a file does
   * @param content to be read before the next part is asked for
   */
  record Part(String name, boolean file, InputStream content) {}

  private Multipart(MultipartInput input) {
    this.input = input;
  }

  static boolean is(HttpMediaType type) {
    return type.mediaType().text().equals(FORM);
  }

  /**
   * Begins to read.
   *
   * @param maxBytes of the whole body
   * @throws stream.adasim.http.ProblemException 400 where the type names no boundary
   */
  static Multipart of(HttpMediaType type, InputStream body, long maxBytes) throws IOException {
    String boundary = type.parameters().get("boundary");
    if (boundary == null || boundary.isEmpty()) {
      throw Problem.badRequest(
          "Content-Type: found no boundary, expected %s; boundary=...".formatted(FORM));
    }
    try {
      return new Multipart(
          MultipartInput.builder()
              .setInputStream(new Limited(body, maxBytes))
              .setBoundary(boundary.getBytes(UTF_8))
              .get());
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("Content-Type: boundary: " + e.getMessage());
    }
  }

  /**
   * The next part, or null after the last one.
   *
   * @throws stream.adasim.http.ProblemException 400 where the body is not as it should be, 413
   *     where it is too large
   */
  @Nullable Part next() throws IOException {
    try {
      boolean more = begun ? moreAfterThis() : input.skipPreamble();
      begun = true;
      return more ? part(input.readHeaders()) : null;
    } catch (MultipartInput.MalformedStreamException | FileUploadSizeException e) {
      throw Problem.badRequest(
          "the body breaks off or is no %s: %s".formatted(FORM, e.getMessage()));
    }
  }

  /** What nobody read of a part is passed over. */
  private boolean moreAfterThis() throws IOException {
    return input.readBoundary();
  }

  private Part part(String headers) {
    String disposition =
        headers
            .lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(DISPOSITION))
            .findFirst()
            .map(line -> line.substring(DISPOSITION.length()))
            .orElse("");
    ParameterParser parser = new ParameterParser();
    parser.setLowerCaseNames(true);
    Map<String, String> parameters = parser.parse(disposition, ';');
    String name = parameters.get("name");
    if (name == null) {
      throw Problem.badRequest(
          "a part has no name: Content-Disposition is '%s'".formatted(disposition));
    }
    return new Part(name, parameters.containsKey("filename"), input.newInputStream());
  }

  /** Ends with 413 where a body without an announced length goes on for too long. */
  private static final class Limited extends FilterInputStream {
    private final long max;
    private long left;

    Limited(InputStream body, long max) {
      super(body);
      this.max = max;
      this.left = max;
    }

    @Override
    public int read() throws IOException {
      int one = in.read();
      spend(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      spend(Math.max(read, 0));
      return read;
    }

    private void spend(int bytes) {
      left -= bytes;
      if (left < 0) {
        throw Body.tooLarge(max);
      }
    }
  }
}
