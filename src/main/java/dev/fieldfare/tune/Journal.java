package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All trials of a search as they end, a line each, on the disk before the next begins: a search that was interrupted goes
 * on where it was. The first line says what is searched; a journal of anything else is begun anew.
 */
final class Journal implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final Map<Key, Trial> found = new HashMap<>();

    private record Key(int candidate, String phase, double effort, int folds) {}

    private Journal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a journal, with what an interrupted search of the same has left in it.
     *
     * @param identity what is searched: one line that is the same for the same work only
     */
    static Journal open(Path file, String identity) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            List<String> lines = Files.exists(file) ? whole(Files.readString(file)) : List.of();
            boolean same = !lines.isEmpty() && lines.getFirst().equals(identity);
            Journal journal =
                    new Journal(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            if (same) {
                for (String line : lines.subList(1, lines.size())) {
                    journal.note(StrictYaml.parse(line, Entry.NONE, file.toString()));
                }
                journal.channel.position(lines.stream()
                        .mapToLong(line -> line.getBytes(StandardCharsets.UTF_8).length + 1)
                        .sum());
                journal.channel.truncate(journal.channel.position());
            } else {
                journal.channel.truncate(0);
                journal.write(identity);
            }
            return journal;
        } catch (IOException e) {
            throw cannot(file, e);
        }
    }

    /** A line of the file: a trial, and on how many folds, which one that diverged does not say itself. */
    private record Entry(int folds, Trial trial) {
        static final Entry NONE = new Entry(0, Trial.NONE);
    }

    /** The lines that were written whole: power may have failed in the middle of the last. */
    private static List<String> whole(String text) {
        int end = text.lastIndexOf('\n');
        return end < 0 ? List.of() : text.substring(0, end).lines().toList();
    }

    private void note(Entry entry) {
        found.put(
                new Key(
                        entry.trial().candidate(),
                        entry.trial().phase(),
                        entry.trial().effort(),
                        entry.folds()),
                entry.trial());
    }

    /** How many trials are in it. */
    synchronized int size() {
        return found.size();
    }

    synchronized Optional<Trial> find(int candidate, String phase, double effort, int folds) {
        return Optional.ofNullable(found.get(new Key(candidate, phase, effort, folds)));
    }

    synchronized void add(Trial trial, int folds) {
        Entry entry = new Entry(folds, trial);
        note(entry);
        write(StrictYaml.toJson(entry));
    }

    private void write(String line) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            throw cannot(file, e);
        }
    }

    private static FieldfareException cannot(Path file, IOException e) {
        return new FieldfareException(
                "cannot keep the journal of the search, " + file + ": " + e.getMessage()
                        + "; check the folder's permissions and free space",
                e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw cannot(file, e);
        }
    }
}
