package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The versions of a model in a folder:
 *
 * <pre>
 * FOLDER/model.onnx           the version in use
 * FOLDER/versions/0001/       every version, whole
 * </pre>
 *
 * A version appears under its name only when it is complete, and one rename puts it to use: power may fail at any
 * instant. While a store is open, nobody else can open it for writing.
 */
public final class ModelStore implements AutoCloseable {
    /** The name of a model in its folder. */
    public static final String MODEL = "model.onnx";

    private static final String VERSIONS = "versions";
    private static final String UNFINISHED = ".unfinished";
    private static final String LOCK = ".lock";
    /** In the folder of a version that was gone back from. */
    private static final String LEFT = "rolled-back";

    /**
     * The folders that this process has open. A second channel on a lock file must not even be opened: closing it would
     * release the lock that the process holds by the first (POSIX, fcntl).
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path realFolder;
    private final FileChannel lockFile;
    private final boolean madeFolder;

    private ModelStore(Path folder, Path realFolder, FileChannel lockFile, boolean madeFolder) {
        this.folder = folder;
        this.realFolder = realFolder;
        this.lockFile = lockFile;
        this.madeFolder = madeFolder;
    }

    /**
     * Opens a store for writing, and clears what an interrupted run may have left.
     *
     * @throws FieldfareException if the folder cannot be made, or somebody else is writing to it
     */
    public static ModelStore open(Path folder) {
        try {
            boolean missing = Files.notExists(folder);
            Files.createDirectories(folder.resolve(VERSIONS));
            Path real = folder.toRealPath();
            if (!OPEN.add(real)) {
                throw taken(folder);
            }
            try {
                return new ModelStore(folder, real, lock(folder), missing);
            } catch (IOException | FieldfareException e) {
                OPEN.remove(real);
                throw e;
            }
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot use " + folder + " for models: " + e.getMessage()
                            + "; check its permissions and free space",
                    e);
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw taken(folder);
            }
            deleteTree(unfinished(folder));
            return channel;
        } catch (IOException | FieldfareException e) {
            channel.close();
            throw e;
        }
    }

    private static FieldfareException taken(Path folder) {
        return new FieldfareException("another retraining is writing to " + folder
                + "; wait until it is done, or give another folder with -o");
    }

    public Path folder() {
        return folder;
    }

    /** The model in use, if there is one. */
    public Optional<Path> current() {
        Path model = folder.resolve(MODEL);
        return Files.isRegularFile(model) ? Optional.of(model) : Optional.empty();
    }

    /** The names of the complete versions, oldest first. */
    public List<String> versions() {
        return versions(folder);
    }

    private static List<String> versions(Path folder) {
        if (Files.notExists(folder.resolve(VERSIONS))) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder.resolve(VERSIONS))) {
            return paths.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.matches("\\d{4,}"))
                    .sorted(Comparator.comparingLong(Long::parseLong))
                    .toList();
        } catch (IOException e) {
            throw new FieldfareException("cannot list the versions in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** A name that no version has yet: one more than the newest. */
    public String nextVersion() {
        List<String> versions = versions();
        long last = versions.isEmpty() ? 0 : Long.parseLong(versions.getLast());
        return String.format(Locale.ROOT, "%04d", last + 1);
    }

    /** The folder of a complete version. */
    public Path version(String name) {
        return folder.resolve(VERSIONS).resolve(name);
    }

    /** A folder, empty at first, in which a version is prepared; {@link #complete} gives it its name. */
    public Path unfinished() {
        return unfinished(folder);
    }

    private static Path unfinished(Path folder) {
        return folder.resolve(VERSIONS).resolve(UNFINISHED);
    }

    /** Makes the folder for a version to come. */
    public Path begin() {
        try {
            return Files.createDirectories(unfinished());
        } catch (IOException e) {
            throw new FieldfareException("cannot make " + unfinished() + ": " + e.getMessage(), e);
        }
    }

    /** Gives the prepared folder its name: from here on the version exists. */
    public Path complete(String name) {
        try {
            WholeFile.sync(unfinished());
            Path finished = Files.move(unfinished(), version(name), StandardCopyOption.ATOMIC_MOVE);
            WholeFile.sync(folder.resolve(VERSIONS));
            return finished;
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot complete version " + name + " in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Puts a version to use, by one atomic step. */
    public Path promote(String name) {
        Path model = version(name).resolve(MODEL);
        if (!Files.isRegularFile(model)) {
            throw new FieldfareException("cannot put version " + name + " to use in " + folder + ": there is no "
                    + model + "; the versions are " + versions());
        }
        // A copy and not a second name for the same file: whoever overwrites the model in use must not change the
        // version with it.
        WholeFile.write(folder.resolve(MODEL), channel -> {
            try (FileChannel from = FileChannel.open(model, StandardOpenOption.READ)) {
                for (long position = 0; position < from.size(); ) {
                    position += from.transferTo(position, from.size() - position, channel);
                }
            }
        });
        return folder.resolve(MODEL);
    }

    /** The version in use: the newest of those that were put to use whose model is the one in use, byte by byte. */
    public Optional<String> currentVersion() {
        return currentVersion(folder);
    }

    /** The same for a folder that somebody else may be writing to. */
    public static Optional<String> currentVersion(Path folder) {
        Path model = folder.resolve(MODEL);
        if (!Files.isRegularFile(model)) {
            return Optional.empty();
        }
        return versions(folder).reversed().stream()
                .map(name -> folder.resolve(VERSIONS).resolve(name))
                .filter(ModelStore::wasPutToUse)
                .filter(version -> isSame(model, version.resolve(MODEL)))
                .map(version -> String.valueOf(version.getFileName()))
                .findFirst();
    }

    /** Whether a version was once in use, and nobody went back from it. */
    private static boolean wasPutToUse(Path version) {
        return Promotion.was(version) && Files.notExists(version.resolve(LEFT));
    }

    private static boolean isSame(Path model, Path other) {
        try {
            return Files.isRegularFile(other) && Files.mismatch(model, other) < 0;
        } catch (IOException e) {
            throw new FieldfareException("cannot compare " + model + " with " + other + ": " + e.getMessage(), e);
        }
    }

    /**
     * Goes back to the version that was in use before the present one, by one atomic step; before the first there is none,
     * and whoever uses the folder begins with the model that it began with. Versions stay, so that nothing is lost.
     *
     * @return the version that is in use now; empty for none
     * @throws FieldfareException if no version is in use
     */
    public Optional<String> rollBack() {
        String current = currentVersion()
                .orElseThrow(() -> new FieldfareException("there is nothing to go back to: " + folder
                        + (current().isPresent()
                                ? " has a model in use that is none of its versions"
                                : " has no model in" + " use yet")));
        Optional<String> before = versions().reversed().stream()
                .filter(name -> Long.parseLong(name) < Long.parseLong(current))
                .filter(name -> wasPutToUse(version(name)))
                .findFirst();
        try {
            if (before.isPresent()) {
                promote(before.get());
            } else {
                Files.delete(folder.resolve(MODEL));
                WholeFile.sync(folder);
            }
            // Whoever goes back from a later version does not want this one again.
            WholeFile.write(version(current).resolve(LEFT), channel -> {});
        } catch (IOException e) {
            throw new FieldfareException("cannot go back in " + folder + ": " + e.getMessage(), e);
        }
        return before;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static void deleteTree(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(path)) {
            for (Path entry : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }

    @Override
    public void close() {
        try {
            try {
                deleteTree(unfinished());
                if (current().isEmpty() && versions().isEmpty()) {
                    // Nothing came of it, say for want of pictures: leave the place as it was found.
                    Files.deleteIfExists(folder.resolve(VERSIONS));
                    Files.deleteIfExists(folder.resolve(LOCK));
                    if (madeFolder && isEmpty(folder)) {
                        Files.delete(folder);
                    }
                }
            } finally {
                lockFile.close();
                OPEN.remove(realFolder);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot tidy up " + folder + ": " + e.getMessage(), e);
        }
    }
}
