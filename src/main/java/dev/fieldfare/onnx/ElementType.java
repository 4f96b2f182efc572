package dev.fieldfare.onnx;

import dev.fieldfare.FieldfareException;

/** The element types of ONNX tensors, with their codes in the file format ({@code TensorProto.DataType}). */
public enum ElementType {
    /** Not stated; for a declared output, ONNX Runtime then works the type out. */
    UNDEFINED(0, 0),
    FLOAT(1, 32),
    UINT8(2, 8),
    INT8(3, 8),
    UINT16(4, 16),
    INT16(5, 16),
    INT32(6, 32),
    INT64(7, 64),
    STRING(8, 0),
    BOOL(9, 8),
    FLOAT16(10, 16),
    DOUBLE(11, 64),
    UINT32(12, 32),
    UINT64(13, 64),
    COMPLEX64(14, 64),
    COMPLEX128(15, 128),
    BFLOAT16(16, 16),
    FLOAT8E4M3FN(17, 8),
    FLOAT8E4M3FNUZ(18, 8),
    FLOAT8E5M2(19, 8),
    FLOAT8E5M2FNUZ(20, 8),
    UINT4(21, 4),
    INT4(22, 4);

    private final int code;
    private final int bits;

    ElementType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** The code in the file format, as {@code Cast} takes it. */
    public int code() {
        return code;
    }

    /**
     * The bytes that so many elements take; 4-bit elements lie two to a byte. Strings have no fixed size: zero.
     *
     * @throws ArithmeticException if there are more than can be counted: sizes in a file are claims
     */
    public long bytes(long elements) {
        return Math.addExact(Math.multiplyExact(elements, bits), 7) / 8;
    }

    static ElementType ofCode(int code, String where) {
        for (ElementType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new FieldfareException(where + " has element type number " + code
                + ", which this version of Fieldfare does not know; export the model with float32 or int8 tensors");
    }
}
