package dev.fieldfare.hostile;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A field of a protocol buffer as it lies in the file: a number with eight, four or as many bytes as it needs, or bytes.
 *
 * @param kind wire type: 0 varint, 1 eight bytes, 2 bytes with their length, 5 four bytes
 * @param value of a number
 * @param bytes of kind 2; may be a message
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WireField(int number, int kind, long value, byte[] bytes) {
    boolean isBytes() {
        return kind == 2;
    }

    WireField withNumber(int other) {
        return new WireField(other, kind, value, bytes);
    }

    WireField withValue(long other) {
        return new WireField(number, kind, other, bytes);
    }

    WireField withBytes(byte[] other) {
        return new WireField(number, kind, value, other);
    }

    /** The fields of a message, none if these bytes are no message. */
    static List<WireField> parse(byte[] message) {
        List<WireField> fields = new ArrayList<>();
        int[] at = {0};
        while (at[0] < message.length) {
            long tag = varint(message, at);
            int kind = (int) tag & 7;
            int number = (int) (tag >>> 3);
            if (tag < 8 || tag > 8 * 1000) {
                return List.of();
            }
            if (kind == 0) {
                fields.add(new WireField(number, kind, varint(message, at), new byte[0]));
            } else if (kind == 1 || kind == 5) {
                int width = kind == 1 ? 8 : 4;
                long value = 0;
                for (int i = 0; i < width && at[0] < message.length; i++) {
                    value |= (message[at[0]++] & 0xFFL) << 8 * i;
                }
                fields.add(new WireField(number, kind, value, new byte[0]));
            } else if (kind == 2) {
                long length = varint(message, at);
                if (length < 0 || length > message.length - at[0]) {
                    return List.of();
                }
                fields.add(new WireField(number, kind, 0, Arrays.copyOfRange(message, at[0], at[0] + (int) length)));
                at[0] += (int) length;
            } else {
                return List.of();
            }
        }
        return fields;
    }

    static byte[] join(List<WireField> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (WireField field : fields) {
            write(out, (long) field.number << 3 | field.kind);
            switch (field.kind) {
                case 0 -> write(out, field.value);
                case 2 -> {
                    write(out, field.bytes.length);
                    out.writeBytes(field.bytes);
                }
                default -> {
                    for (int i = 0; i < (field.kind == 1 ? 8 : 4); i++) {
                        out.write((int) (field.value >> 8 * i));
                    }
                }
            }
        }
        return out.toByteArray();
    }

    private static long varint(byte[] message, int[] at) {
        long value = 0;
        for (int shift = 0; shift < 64 && at[0] < message.length; shift += 7) {
            byte next = message[at[0]++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                break;
            }
        }
        return value;
    }

    private static void write(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
