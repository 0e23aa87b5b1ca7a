package stream.adasim.schemas.catalogue;

/** Topics that a service cannot work with, or cannot get at; the message says what to do. */
public final class CatalogueException extends RuntimeException {
  CatalogueException(String message, Throwable cause) {
    super(message, cause);
  }

  CatalogueException(String message) {
    super(message);
  }
}
