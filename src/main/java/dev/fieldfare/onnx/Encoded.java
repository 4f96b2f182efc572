package dev.fieldfare.onnx;

import com.google.protobuf.ByteString;

/** A part of an ONNX file that Fieldfare does not look into, kept as it was read so that writing loses nothing. */
public final class Encoded {
    private final ByteString bytes;

    Encoded(ByteString bytes) {
        this.bytes = bytes;
    }

    ByteString bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoded that && bytes.equals(that.bytes);
    }

    @Override
    public int hashCode() {
        return bytes.hashCode();
    }
}
