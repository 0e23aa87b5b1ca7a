package stream.adasim.compute.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A built primitive with its arguments, of one thread: addresses are set, then it is run. */
final class Primitive {
  private static final int ARGUMENT_BYTES = 16;

  private final String what;
  private final long handle;
  private final long[] memories;
  private final long[] addresses;
  private final long scratchBytes;
  // Held so that it lives as long as this object.
  private final MemorySegment arguments;

  /** Memory that a primitive takes: the argument's number and its description. */
  record Argument(int number, long description) {}

  /**
   * Builds what a primitive description describes; the description is consumed.
   *
   * @param what primitive and shapes, for messages
   * @param arguments in the order in which addresses will be given
   */
  Primitive(String what, long description, Argument... arguments) {
    this.what = what;
    long scratch = Dnnl.expected(description, Dnnl.QUERY_SCRATCHPAD);
    this.scratchBytes = scratch == 0 ? 0 : Dnnl.bytes(scratch);
    int count = arguments.length + (scratchBytes > 0 ? 1 : 0);
    this.memories = new long[count];
    this.addresses = new long[count];
    this.arguments = Arena.ofAuto().allocate((long) count * ARGUMENT_BYTES, ARGUMENT_BYTES);
    for (int i = 0; i < arguments.length; i++) {
      put(i, arguments[i].number(), arguments[i].description());
    }
    if (scratchBytes > 0) {
      put(arguments.length, Dnnl.ARG_SCRATCHPAD, scratch);
    }
    this.handle = Dnnl.primitive(what, description);
  }

  /**
   * One that copies from one layout or type to another; first the source's address, then where to.
   */
  static Primitive reorder(String what, long from, long to) {
    long attributes = Dnnl.attributes(Dnnl.postOps());
    Primitive primitive =
        new Primitive(
            what,
            Dnnl.reorder(what, from, to, attributes),
            new Argument(Dnnl.ARG_SOURCE, from),
            new Argument(Dnnl.ARG_DESTINATION, to));
    Dnnl.destroyAttributes(attributes);
    return primitive;
  }

  private void put(int slot, int number, long description) {
    memories[slot] = Dnnl.memory(what, description);
    long at = (long) slot * ARGUMENT_BYTES;
    arguments.set(ValueLayout.JAVA_INT, at, number);
    arguments.set(ValueLayout.JAVA_LONG, at + 8, memories[slot]);
  }

  /** Says where an argument's memory begins. */
  Primitive at(int slot, long address) {
    if (addresses[slot] != address) {
      Dnnl.setAddress(memories[slot], address);
      addresses[slot] = address;
    }
    return this;
  }

  /**
   * Runs on the context's thread, and is done when this returns.
   *
   * @throws DnnlException if the library reports a failure
   */
  void run(Context context) {
    if (scratchBytes > 0) {
      at(memories.length - 1, context.scratch(scratchBytes));
    }
    int status = Dnnl.execute(handle, context.stream(), memories.length, arguments.address());
    if (status != 0) {
      throw new DnnlException(what, status);
    }
  }

  /** Gives the native objects back. */
  void destroy() {
    Dnnl.destroyPrimitive(handle);
    for (long memory : memories) {
      Dnnl.destroyMemory(memory);
    }
  }
}
