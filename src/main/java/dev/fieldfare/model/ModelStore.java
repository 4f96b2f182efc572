package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Folders;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The versions of a model in a folder:
 *
 * <pre>
 * FOLDER/model.onnx           the version in use
 * FOLDER/versions/0001/       every version, whole, with the hashes of its files
 * FOLDER/versions/.training/  what an interrupted training goes on from
 * </pre>
 *
 * A version appears under its name only when it is complete, and one rename puts it to use: power may fail at any
 * instant. While a store is open, nobody else can open it for writing. {@link Versions} is for those who only look.
 */
public final class ModelStore implements AutoCloseable {
    /** The name of a model in its folder. */
    public static final String MODEL = "model.onnx";

    /** How many versions are kept, unless somebody says otherwise. */
    public static final int KEEP = 10;

    private static final String UNFINISHED = ".unfinished";
    static final String REMOVED = ".removed";
    private static final String TRAINING = ".training";

    private final Path folder;
    private final Versions versions;
    private final StoreLock lock;
    private final boolean madeFolder;

    private ModelStore(Path folder, StoreLock lock, boolean madeFolder) {
        this.folder = folder;
        this.versions = new Versions(folder);
        this.lock = lock;
        this.madeFolder = madeFolder;
    }

    /**
     * Opens a store for writing, and clears what an interrupted run may have left, but for what a training can go on from.
     *
     * @throws FieldfareException if the folder cannot be made, or somebody else is writing to it
     */
    public static ModelStore open(Path folder) {
        try {
            boolean missing = Files.notExists(folder);
            Folders.make(folder.resolve(Versions.FOLDER));
            ModelStore store = new ModelStore(folder, StoreLock.take(folder), missing);
            try {
                store.clear();
                return store;
            } catch (IOException e) {
                store.lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot use " + folder + " for models: " + e.getMessage()
                            + "; check its permissions and free space",
                    e);
        }
    }

    /** Clears what was never finished, or not quite removed. */
    private void clear() throws IOException {
        Folders.delete(unfinished());
        Folders.delete(versions.of(REMOVED));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(ModelStore::isUnfinished).toList()) {
                Files.delete(file);
            }
        }
    }

    private static boolean isUnfinished(Path file) {
        String name = String.valueOf(file.getFileName());
        return WholeFile.isUnfinished(file) && (name.startsWith(MODEL) || name.startsWith("report."));
    }

    public Path folder() {
        return folder;
    }

    /** The model in use, if there is one. */
    public Optional<Path> current() {
        return Files.isRegularFile(versions.model()) ? Optional.of(versions.model()) : Optional.empty();
    }

    /** The names of the complete versions, oldest first. */
    public List<String> versions() {
        return versions.names();
    }

    /** A name that no version has yet: one more than the newest. */
    public String nextVersion() {
        return versions.next();
    }

    /** The folder of a complete version. */
    public Path version(String name) {
        return versions.of(name);
    }

    /** What looks after the versions: damaged ones, and old ones. */
    public Upkeep upkeep() {
        return new Upkeep(this);
    }

    /** The version in use; see {@link Versions#current}. */
    public Optional<String> currentVersion() {
        return versions.current();
    }

    /** A folder, empty at first, in which a version is prepared; {@link #complete} gives it its name. */
    public Path unfinished() {
        return versions.of(UNFINISHED);
    }

    /** The folder for what an interrupted training goes on from; it is gone once a version is complete. */
    public Path training() {
        return training(folder);
    }

    /** The same in a folder that nobody need have open. */
    public static Path training(Path folder) {
        return new Versions(folder).of(TRAINING);
    }

    /** Makes the folder for a version to come. */
    public Path begin() {
        try {
            return Files.createDirectories(unfinished());
        } catch (IOException e) {
            throw new FieldfareException("cannot make " + unfinished() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Gives the prepared folder its name, with the hashes of its files: from here on the version exists.
     *
     * @param origin where it comes from, in words
     */
    public Path complete(String name, String origin) {
        try {
            Manifest.write(unfinished(), origin);
            Folders.syncWithFiles(unfinished());
            Folders.rename(unfinished(), version(name));
            Folders.delete(training());
            return version(name);
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot complete version " + name + " in " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * Puts a version to use, by one atomic step.
     *
     * @throws FieldfareException if there is no such version, or it is damaged; the model in use stays
     */
    public Path promote(String name) {
        Path model = version(name).resolve(MODEL);
        if (!versions().contains(name)) {
            throw new FieldfareException("cannot put version " + name + " to use in " + folder
                    + ": there is no such version; the versions are " + versions());
        }
        Optional<String> damage = versions.damage(name);
        if (damage.isPresent()) {
            throw new FieldfareException("cannot put version " + name + " to use in " + folder + ": it is damaged: "
                    + damage.get() + "; the versions are " + versions());
        }
        // A copy and not a second name for the same file: whoever overwrites the model in use must not change the
        // version with it.
        WholeFile.write(versions.model(), channel -> {
            try (FileChannel from = FileChannel.open(model, StandardOpenOption.READ)) {
                for (long position = 0; position < from.size(); ) {
                    position += from.transferTo(position, from.size() - position, channel);
                }
            }
        });
        return versions.model();
    }

    /**
     * Goes back to the version that was in use before the present one, by one atomic step; before the first there is none,
     * and whoever uses the folder begins with the model that it began with. Versions stay, so that nothing is lost; damaged
     * ones are set aside.
     *
     * @param words takes a sentence for each that was set aside
     * @return the version that is in use now; empty for none
     * @throws FieldfareException if no version is in use
     */
    public Optional<String> rollBack(Consumer<String> words) {
        upkeep().repair(words);
        upkeep().setAsideDamaged(words);
        String current = versions.current()
                .orElseThrow(() -> new FieldfareException("there is nothing to go back to: " + folder
                        + (current().isPresent()
                                ? " has a model in use that is none of its versions"
                                : " has no model in use yet")));
        Optional<String> before = versions.before(current);
        // Said first: should power fail now, the model in use is still known by its hash, and going back again does it.
        mark(current, Versions.LEFT);
        if (before.isPresent()) {
            promote(before.get());
            return before;
        }
        try {
            Files.delete(versions.model());
            Folders.sync(folder);
        } catch (IOException e) {
            throw new FieldfareException("cannot go back in " + folder + ": " + e.getMessage(), e);
        }
        return before;
    }

    /**
     * Puts any version to use, whether it was better or not; going back from it leads to an earlier one.
     *
     * @throws FieldfareException if there is no such version, or it is damaged; the model in use stays
     */
    public void choose(String name) {
        if (versions().contains(name) && versions.damage(name).isEmpty()) {
            versions().stream()
                    .filter(other -> Long.parseLong(other) > Long.parseLong(name) && versions.wasUsed(other))
                    .forEach(other -> mark(other, Versions.LEFT));
            mark(name, Versions.CHOSEN);
            try {
                Files.deleteIfExists(version(name).resolve(Versions.LEFT));
                Folders.sync(version(name));
            } catch (IOException e) {
                throw new FieldfareException("cannot go to version " + name + ": " + e.getMessage(), e);
            }
        }
        promote(name);
    }

    private void mark(String name, String mark) {
        WholeFile.write(version(name).resolve(mark), channel -> {});
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    @Override
    public void close() {
        try {
            try {
                Folders.delete(unfinished());
                if (current().isEmpty() && isEmpty(folder.resolve(Versions.FOLDER))) {
                    // Nothing came of it, say for want of pictures: leave the place as it was found.
                    Files.deleteIfExists(folder.resolve(Versions.FOLDER));
                    lock.remove();
                    if (madeFolder && isEmpty(folder)) {
                        Files.delete(folder);
                    }
                }
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot tidy up " + folder + ": " + e.getMessage(), e);
        }
    }
}
