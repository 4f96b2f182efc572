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
import java.util.List;
import java.util.zip.CRC32C;

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
    private final boolean kept;
    private int rows;

    private FeatureCache(Path file, int width, boolean kept, FileChannel channel) {
        this.file = file;
        this.width = width;
        this.kept = kept;
        this.channel = channel;
        this.row = ByteBuffer.allocateDirect(Math.multiplyExact(width, Float.BYTES))
                .order(ByteOrder.nativeOrder());
    }

    /** Begins an empty cache; closing deletes the file. */
    static FeatureCache create(Path file, int width) {
        FeatureCache cache = open(file, width, false);
        try {
            cache.channel.truncate(0);
            return cache;
        } catch (IOException e) {
            throw new FieldfareException("cannot make the feature cache " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Begins an empty cache, whose file may hold rows of an earlier one that turn out to be {@linkplain #holds still good}.
     *
     * @param kept whether the file stays when this is closed
     */
    static FeatureCache open(Path file, int width, boolean kept) {
        try {
            return new FeatureCache(
                    file,
                    width,
                    kept,
                    FileChannel.open(
                            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
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
        if (!fill(index)) {
            throw new FieldfareException("cannot read the feature cache " + file + ": it has become shorter");
        }
        into.put(row.asFloatBuffer());
    }

    /** Reads a row; false if the file ends before. */
    private boolean fill(int index) {
        row.clear();
        try {
            long start = (long) index * row.capacity();
            while (row.hasRemaining()) {
                if (channel.read(row, start + row.position()) < 0) {
                    return false;
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot read the feature cache " + file + ": " + e.getMessage(), e);
        }
        row.flip();
        return true;
    }

    /** The CRC-32C of a row, in hexadecimal. */
    synchronized String checksum(int index) {
        if (!fill(index)) {
            return "none";
        }
        CRC32C crc = new CRC32C();
        crc.update(row.duplicate());
        return Long.toHexString(crc.getValue());
    }

    /** Whether the file has, behind the rows so far, rows of an earlier cache with these checksums. */
    boolean holds(List<String> checksums) {
        for (int i = 0; i < checksums.size(); i++) {
            if (!checksum(rows + i).equals(checksums.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Takes so many of these rows as if they had been appended; returns the number of the first. */
    int take(int count) {
        rows += count;
        return rows - count;
    }

    @Override
    public void close() {
        try {
            channel.close();
            if (!kept) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot remove the feature cache " + file + ": " + e.getMessage(), e);
        }
    }
}
