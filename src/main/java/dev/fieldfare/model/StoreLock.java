package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps a folder of models for one writer; the system releases it when the process dies, however it does. */
final class StoreLock implements AutoCloseable {
    private static final String FILE = ".lock";

    /**
     * The folders that this process has open. A second channel on a lock file must not even be opened: closing it would
     * release the lock that the process holds by the first (POSIX, fcntl).
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel file;

    private StoreLock(Path folder, FileChannel file) {
        this.folder = folder;
        this.file = file;
    }

    /** @throws FieldfareException if somebody else has it */
    static StoreLock take(Path folder) throws IOException {
        Path real = folder.toRealPath();
        if (!OPEN.add(real)) {
            throw taken(folder);
        }
        try {
            FileChannel channel =
                    FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw taken(folder);
            }
            return new StoreLock(real, channel);
        } catch (IOException | RuntimeException e) {
            OPEN.remove(real);
            throw e;
        }
    }

    private static FieldfareException taken(Path folder) {
        return new FieldfareException("another retraining is writing to " + folder
                + "; wait until it is done, or give another folder with -o");
    }

    /** Removes the file, too: nothing else is in the folder. */
    void remove() throws IOException {
        Files.deleteIfExists(folder.resolve(FILE));
    }

    @Override
    public void close() throws IOException {
        file.close();
        OPEN.remove(folder);
    }
}
