package dev.fieldfare.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fieldfare.FieldfareException;
import java.io.IOException;

/** The fields of a message that are left when large ones were taken out of it, as the bytes that they are in the file. */
final class Rest {
    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream output = CodedOutputStream.newInstance(bytes);

    private long taken;

    /**
     * Takes the field that begins with this tag.
     *
     * @throws FieldfareException if all that was taken fills half of Java's heap: it will be needed twice
     */
    void take(int tag, CodedInputStream input) throws IOException {
        int from = input.getTotalBytesRead();
        if (!input.skipField(tag, output)) {
            throw new InvalidProtocolBufferException("a group ends that never began");
        }
        taken += input.getTotalBytesRead() - from;
        if (taken > Runtime.getRuntime().maxMemory() / 2) {
            throw new FieldfareException(
                    "the model holds more than " + (taken >> 20) + " MB besides its weights, half of"
                            + " Java's part of the memory; a classifier holds some hundred kB. If you trust it,"
                            + " FIELDFARE_JAVA_OPTIONS=-Xmx256m gives it more");
        }
    }

    ByteString bytes() throws IOException {
        output.flush();
        return bytes.toByteString();
    }
}
