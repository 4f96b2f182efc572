package dev.fieldfare.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about each picture, a line for each, in the order in which it was: so an interrupted training need
 * not look again. Lines are read as long as they are whole and {@linkplain #accept accepted}; writing goes on behind the
 * last of these. Nothing is synced: a line has a checksum, and holds those of the rows that it speaks of, so whatever did
 * not reach the disk is noticed.
 */
final class LookJournal implements AutoCloseable {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    private static final TypeReference<List<String>> FIELDS = new TypeReference<>() {};
    private static final int CHECK_CHARACTERS = 9;

    private final Path file;
    private final FileChannel channel;
    private @Nullable BufferedReader reader;
    private long accepted;
    private long next;

    private LookJournal(Path file, FileChannel channel, BufferedReader reader) {
        this.file = file;
        this.channel = channel;
        this.reader = reader;
    }

    /** Opens one, and makes it where there is none. */
    static LookJournal open(Path file) {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            return new LookJournal(file, channel, Files.newBufferedReader(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new FieldfareException("cannot open " + file + ": " + e.getMessage(), e);
        }
    }

    /** The fields of the next line; empty where there is none, or a damaged one. */
    Optional<List<String>> next() {
        if (reader == null) {
            return Optional.empty();
        }
        try {
            String line = reader.readLine();
            if (line == null || line.length() <= CHECK_CHARACTERS || next + line.length() + 1 > channel.size()) {
                return Optional.empty();
            }
            next += line.length() + 1L;
            String fields = line.substring(CHECK_CHARACTERS);
            return line.startsWith(check(fields)) ? Optional.of(JSON.readValue(fields, FIELDS)) : Optional.empty();
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The line that was read last is true. */
    void accept() {
        accepted = next;
    }

    /** Writes a line behind those that were accepted; others are gone. */
    void append(List<String> fields) {
        try {
            if (reader != null) {
                reader.close();
                reader = null;
                channel.truncate(accepted).position(accepted);
            }
            String text = JSON.writeValueAsString(fields);
            ByteBuffer line = StandardCharsets.ISO_8859_1.encode(check(text) + text + "\n");
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always writable as JSON", e);
        } catch (IOException e) {
            throw new FieldfareException("cannot write " + file + ": " + e.getMessage() + "; is the disk full?", e);
        }
    }

    private static String check(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return String.format(Locale.ROOT, "%08x ", crc.getValue());
    }

    @Override
    public void close() {
        try {
            if (reader != null) {
                reader.close();
            }
            channel.close();
        } catch (IOException e) {
            throw new FieldfareException("cannot close " + file + ": " + e.getMessage(), e);
        }
    }
}
