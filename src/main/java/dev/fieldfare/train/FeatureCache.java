package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Features of pictures as rows of a file, float32. A file and not the heap, because a board has more card than memory;
 * read by position and not mapped, because the kernel counts mapped pages as the process's own. Several threads may read,
 * one at a time.
 */
final class FeatureCache implements AutoCloseable {
    private final Path file;
    private final int width;
    private final FileChannel channel;
    private final ByteBuffer row;
    private int rows;

    private FeatureCache(Path file, int width, FileChannel channel) {
        this.file = file;
        this.width = width;
        this.channel = channel;
        this.row = ByteBuffer.allocateDirect(Math.multiplyExact(width, Float.BYTES))
                .order(ByteOrder.nativeOrder());
    }

    /** Begins an empty cache; closing deletes the file. */
    static FeatureCache create(Path file, int width) {
        try {
            return new FeatureCache(
                    file,
                    width,
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new FieldfareException("cannot make the feature cache " + file + ": " + e.getMessage(), e);
        }
    }

    int width() {
        return width;
    }

    int rows() {
        return rows;
    }

    /** Adds a row of {@code width} features and returns its number. */
    int append(FloatBuffer features) {
        if (features.remaining() != width) {
            throw new IllegalArgumentException(
                    "a row of " + features.remaining() + " features in a cache for " + width);
        }
        row.clear().asFloatBuffer().put(features);
        try {
            long position = (long) rows * row.capacity();
            while (row.hasRemaining()) {
                position += channel.write(row, position);
            }
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot write the feature cache " + file + ": " + e.getMessage()
                            + "; is the disk full? Fewer views (augment.views) need less",
                    e);
        }
        return rows++;
    }

    /** Puts a row where the buffer stands. */
    synchronized void read(int index, FloatBuffer into) {
        if (index < 0 || index >= rows) {
            throw new IndexOutOfBoundsException("row " + index + " of " + rows);
        }
        row.clear();
        try {
            long start = (long) index * row.capacity();
            while (row.hasRemaining()) {
                if (channel.read(row, start + row.position()) < 0) {
                    throw new IOException("it has become shorter");
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot read the feature cache " + file + ": " + e.getMessage(), e);
        }
        into.put(row.flip().asFloatBuffer());
    }

    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new FieldfareException("cannot remove the feature cache " + file + ": " + e.getMessage(), e);
        }
    }
}
