package dev.fieldfare.hostile;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Files of a few megabytes that ask for many more: an object for every two bytes, pixels by the billion. */
final class Bombs {
    private static final int COUNT = 1_500_000;

    private Bombs() {}

    /** Numbers from 0; what comes behind the last is the first again. */
    static byte[] get(long number) {
        try {
            return switch ((int) (number % 10)) {
                case 0 -> model(graph(1, new byte[0])); // empty nodes
                case 1 -> model(graph(5, new byte[0])); // empty initializers
                case 2 -> model(graph(11, new byte[0])); // empty inputs
                case 3 -> model(graph(13, new byte[0])); // empty descriptions of values
                case 4 -> repeated(14, new byte[0]); // empty metadata
                case 5 -> repeated(25, new byte[0]); // empty functions
                case 6 -> model(WireField.join(List.of(bytes(5, numbers())))); // a tensor of sizes by the million
                case 7 -> repeatedNumber(99); // fields that nobody knows
                case 8 -> png(60_000, 60_000);
                default -> gif(60_000, 60_000);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static WireField bytes(int number, byte[] content) {
        return new WireField(number, 2, 0, content);
    }

    private static byte[] model(byte[] graph) {
        return WireField.join(List.of(bytes(7, graph)));
    }

    private static byte[] graph(int number, byte[] content) {
        return repeated(number, content);
    }

    private static byte[] repeated(int number, byte[] content) {
        byte[] one = WireField.join(List.of(bytes(number, content)));
        byte[] all = new byte[one.length * COUNT];
        for (int i = 0; i < all.length; i++) {
            all[i] = one[i % one.length];
        }
        return all;
    }

    private static byte[] numbers() {
        byte[] all = new byte[2 * COUNT];
        for (int i = 0; i < all.length; i += 2) {
            all[i] = 1 << 3; // dims, one by one
            all[i + 1] = 1;
        }
        return all;
    }

    private static byte[] repeatedNumber(int number) {
        byte[] one = WireField.join(List.of(new WireField(number, 0, 1, new byte[0])));
        byte[] all = new byte[one.length * COUNT];
        for (int i = 0; i < all.length; i++) {
            all[i] = one[i % one.length];
        }
        return all;
    }

    /** Grey; its pixels are all there, four billion zeros in four megabytes. Only the beginning is made here. */
    private static byte[] png(int width, int height) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream fields = new DataOutputStream(header);
        fields.writeInt(width);
        fields.writeInt(height);
        fields.write(new byte[] {8, 0, 0, 0, 0});
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        Deflater best = new Deflater(Deflater.BEST_COMPRESSION);
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels, best)) {
            deflater.write(new byte[100 << 20 >> 4]);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        chunk(file, "IHDR", header.toByteArray());
        chunk(file, "IDAT", pixels.toByteArray());
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] content) throws IOException {
        DataOutputStream out = new DataOutputStream(file);
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        out.writeInt(content.length);
        out.write(name);
        out.write(content);
        out.writeInt((int) crc.getValue());
    }

    private static byte[] gif(int width, int height) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GIF89a".getBytes(StandardCharsets.US_ASCII));
        byte[] size = {(byte) width, (byte) (width >> 8), (byte) height, (byte) (height >> 8)};
        out.writeBytes(size);
        out.writeBytes(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1, ','});
        out.writeBytes(new byte[4]);
        out.writeBytes(size);
        out.write(0);
        out.write(2);
        byte[] block = new byte[256];
        Arrays.fill(block, (byte) 0x24);
        block[0] = -1;
        for (int i = 0; i < 1000; i++) {
            out.writeBytes(block);
        }
        out.writeBytes(new byte[] {0, ';'});
        return out.toByteArray();
    }
}
