package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the tensors of one ONNX file, wherever it keeps their elements. */
final class TensorReader {
    private final Path file;
    private final ByteBuffer mapped;
    private final ExternalData external;

    TensorReader(Path file, ByteBuffer mapped) {
        this.file = file;
        this.mapped = mapped;
        this.external = new ExternalData(file);
    }

    /** Reads one {@code TensorProto} up to the stream's limit; raw elements become a view of the mapped file. */
    void readInto(Map<String, TensorData> tensors, CodedInputStream input) throws IOException {
        Rest rest = new Rest();
        ByteBuffer raw = null;
        for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
            if (tag == OnnxFile.lengthDelimited(TensorProto.RAW_DATA_FIELD_NUMBER)) {
                int length = input.readRawVarint32();
                int start = input.getTotalBytesRead();
                input.skipRawBytes(length);
                raw = slice(mapped, start, length);
            } else {
                rest.take(tag, input);
            }
        }
        TensorProto proto = TensorProto.parseFrom(rest.bytes());
        if (tensors.put(proto.getName(), tensor(proto, raw)) != null) {
            throw new FieldfareException(
                    file + " is damaged: it has two initializers called '" + proto.getName() + "'");
        }
    }

    /** A tensor that was read as a message, for example an attribute's. */
    TensorData tensor(TensorProto proto) {
        return tensor(proto, proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer() : null);
    }

    private TensorData tensor(TensorProto proto, @Nullable ByteBuffer raw) {
        String where = "the tensor '" + proto.getName() + "' in " + file;
        ElementType type = ElementType.ofCode(proto.getDataType(), where);
        if (type == ElementType.UNDEFINED) {
            throw new FieldfareException(where + " has no element type; the file is damaged: fetch it again");
        }
        if (type == ElementType.STRING) {
            throw new FieldfareException(where + " holds text; Fieldfare runs image classifiers, whose tensors are "
                    + "numbers: export the model without its text outputs");
        }
        long[] sizes = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
        long bytes;
        try {
            for (long size : sizes) {
                if (size < 0) {
                    throw new ArithmeticException("negative size");
                }
            }
            bytes = type.bytes(Shape.of(sizes).elements());
        } catch (ArithmeticException e) {
            throw new FieldfareException(
                    where + " has impossible sizes " + Shape.of(sizes) + "; the file is damaged", e);
        }
        ByteBuffer elements;
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            elements = external.elements(proto, where);
        } else if (raw != null) {
            elements = raw;
        } else {
            elements = typedElements(proto, type, bytes, where);
        }
        if (elements.remaining() != bytes) {
            throw new FieldfareException(where + " should have " + bytes + " bytes (" + type + " " + Shape.of(sizes)
                    + ") but has " + elements.remaining() + "; the file is damaged: fetch it again");
        }
        return new TensorData(type, Shape.of(sizes), elements);
    }

    private static ByteBuffer typedElements(TensorProto proto, ElementType type, long bytes, String where) {
        // The element count is checked before anything is allocated: sizes in a file are claims.
        long given = switch (type) {
            case FLOAT, COMPLEX64 -> 4L * proto.getFloatDataCount();
            case DOUBLE, COMPLEX128 -> 8L * proto.getDoubleDataCount();
            case INT64 -> 8L * proto.getInt64DataCount();
            case UINT64 -> 8L * proto.getUint64DataCount();
            case UINT32 -> 4L * proto.getUint64DataCount();
            case INT32 -> 4L * proto.getInt32DataCount();
            case INT16, UINT16, FLOAT16, BFLOAT16 -> 2L * proto.getInt32DataCount();
            default -> proto.getInt32DataCount();
        };
        if (given != bytes) {
            throw new FieldfareException(where + " should have " + bytes + " bytes but has " + given
                    + "; the file is damaged: fetch it again");
        }
        ByteBuffer buffer = TensorData.allocate((int) bytes);
        switch (type) {
            case FLOAT, COMPLEX64 -> proto.getFloatDataList().forEach(buffer::putFloat);
            case DOUBLE, COMPLEX128 -> proto.getDoubleDataList().forEach(buffer::putDouble);
            case INT64 -> proto.getInt64DataList().forEach(buffer::putLong);
            case UINT64 -> proto.getUint64DataList().forEach(buffer::putLong);
            case UINT32 -> proto.getUint64DataList().forEach(value -> buffer.putInt(value.intValue()));
            case INT32 -> proto.getInt32DataList().forEach(buffer::putInt);
            case INT16, UINT16, FLOAT16, BFLOAT16 ->
                proto.getInt32DataList().forEach(value -> buffer.putShort(value.shortValue()));
            default -> proto.getInt32DataList().forEach(value -> buffer.put(value.byteValue()));
        }
        return buffer.flip();
    }

    static ByteBuffer slice(ByteBuffer data, long start, long length) throws InvalidProtocolBufferException {
        // Not their sum: it may be beyond the largest number.
        if (start < 0 || length < 0 || length > data.capacity() - start) {
            throw new InvalidProtocolBufferException("the file ends in the middle of a tensor");
        }
        return data.slice((int) start, (int) length);
    }
}
