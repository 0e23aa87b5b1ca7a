package stream.adasim.indexer;

import java.nio.ByteBuffer;

/**
 * The newest that is known of one image: what was published, and the newest deletion. Five 8-byte
 * numbers, big endian, in this order.
 *
 * @param offset source offset of the published image; -1 where nothing is published
 * @param model hash of the model that made the published vector
 * @param version its version
 * @param deleted source offset of the newest deletion; -1 where none is remembered
 * @param deletedAt timestamp of that deletion's record, milliseconds since 1970
 */
record End(long offset, long model, long version, long deleted, long deletedAt) {
  static final End NONE = new End(-1, 0, -1, -1, -1);

  /** Whether an image at this source offset was deleted afterwards. */
  boolean deletes(long sourceOffset) {
    return sourceOffset <= deleted;
  }

  /** Whether this is newer than what was published: by source offset, then by model. */
  boolean isBehind(long sourceOffset, long otherModel, long otherVersion) {
    if (sourceOffset != offset) {
      return sourceOffset > offset;
    }
    return otherModel != model || otherVersion > version;
  }

  End published(long newOffset, long newModel, long newVersion) {
    return new End(newOffset, newModel, newVersion, deleted, deletedAt);
  }

  /** Remembers a deletion; a newer published image stays. */
  End deleted(long newDeleted, long at) {
    return offset > newDeleted
        ? new End(offset, model, version, newDeleted, at)
        : new End(-1, 0, -1, newDeleted, at);
  }

  End withoutDeletion() {
    return new End(offset, model, version, -1, -1);
  }

  byte[] encode() {
    return ByteBuffer.allocate(5 * Long.BYTES)
        .putLong(offset)
        .putLong(model)
        .putLong(version)
        .putLong(deleted)
        .putLong(deletedAt)
        .array();
  }

  static End decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new End(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
  }
}
