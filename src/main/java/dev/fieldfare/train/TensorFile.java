package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Optional;

/**
 * A file of a text and of numbers behind it, float32 in native order, with a SHA-256 at its end that says whether it is
 * whole. Numbers go through a small buffer: weights are never in the heap, which is small.
 *
 * @param text what the numbers mean is its business
 * @param start byte at which the numbers begin
 */
record TensorFile(Path file, String text, long start) {
    private static final int CHUNK = 1 << 16;
    private static final int HASH_BYTES = 64;

    /** How many bytes a file of this text and these numbers has. */
    static long bytes(String text, Collection<FloatBuffer> numbers) {
        long elements = numbers.stream().mapToLong(FloatBuffer::remaining).sum();
        return Integer.BYTES + text.getBytes(StandardCharsets.UTF_8).length + Float.BYTES * elements + HASH_BYTES;
    }

    /**
     * Writes one, whole; buffers stay where they stand.
     *
     * @throws FieldfareException naming the file if it cannot be written
     */
    static void write(Path file, String text, Collection<FloatBuffer> numbers) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        WholeFile.write(file, channel -> {
            Sha256 hash = new Sha256();
            put(
                    channel,
                    hash,
                    ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).flip());
            put(channel, hash, ByteBuffer.wrap(utf8));
            ByteBuffer chunk = chunk();
            for (FloatBuffer from : numbers) {
                FloatBuffer rest = from.duplicate();
                while (rest.hasRemaining()) {
                    int count = Math.min(rest.remaining(), CHUNK / Float.BYTES);
                    chunk.clear().asFloatBuffer().put(rest.slice().limit(count));
                    rest.position(rest.position() + count);
                    put(channel, hash, chunk.limit(count * Float.BYTES));
                }
            }
            write(channel, ByteBuffer.wrap(hash.finish().getBytes(StandardCharsets.US_ASCII)));
        });
    }

    private static ByteBuffer chunk() {
        return ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.nativeOrder());
    }

    private static void put(FileChannel channel, Sha256 hash, ByteBuffer bytes) throws IOException {
        hash.add(bytes.duplicate());
        write(channel, bytes);
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Opens one; empty where there is none, or a damaged one. */
    static Optional<TensorFile> open(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long end = channel.size() - HASH_BYTES;
            if (end < Integer.BYTES || !hash(channel, end).equals(text(channel, end, HASH_BYTES))) {
                return Optional.empty();
            }
            int length = bytes(channel, 0, Integer.BYTES).getInt();
            return Optional.of(
                    new TensorFile(file, text(channel, Integer.BYTES, length), Integer.BYTES + (long) length));
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static String hash(FileChannel channel, long end) throws IOException {
        Sha256 hash = new Sha256();
        ByteBuffer chunk = chunk();
        for (long position = 0; position < end; ) {
            chunk.clear().limit((int) Math.min(CHUNK, end - position));
            position += read(channel, chunk, position);
            hash.add(chunk.flip());
        }
        return hash.finish();
    }

    private static int read(FileChannel channel, ByteBuffer into, long position) throws IOException {
        int begin = into.position();
        while (into.hasRemaining()) {
            if (channel.read(into, position + into.position() - begin) < 0) {
                throw new IOException("it has become shorter");
            }
        }
        return into.position() - begin;
    }

    private static ByteBuffer bytes(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        read(channel, bytes, position);
        return bytes.flip();
    }

    private static String text(FileChannel channel, long position, int count) throws IOException {
        return StandardCharsets.UTF_8.decode(bytes(channel, position, count)).toString();
    }

    /** Whether it has as many numbers as go into these. */
    boolean fits(Collection<FloatBuffer> numbers) {
        try {
            return Files.size(file) == bytes(text, numbers);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads the numbers into these, in the order in which they were written; buffers stay where they stand. */
    void read(Collection<FloatBuffer> numbers) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer chunk = chunk();
            long position = start;
            for (FloatBuffer into : numbers) {
                FloatBuffer rest = into.duplicate();
                while (rest.hasRemaining()) {
                    chunk.clear().limit(Math.min(CHUNK, rest.remaining() * Float.BYTES));
                    position += read(channel, chunk, position);
                    rest.put(chunk.flip().asFloatBuffer());
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
