package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The versions of a model as they lie in a folder. Looking changes nothing, so that anybody may look, also where nothing
 * can be written, and while a {@link ModelStore} writes.
 */
public record Versions(Path folder) {
    static final String FOLDER = "versions";

    /** What is set aside has this behind its name. */
    static final String DAMAGED = ".damaged";

    /** In the folder of a version that was gone back from. */
    static final String LEFT = "rolled-back";

    /** In the folder of a version that somebody put to use although it had not been better. */
    static final String CHOSEN = "chosen";

    private static final String NUMBER = "\\d{4,}";

    /**
     * A model that can be used.
     *
     * @param file that is whole, as far as can be told
     * @param version its name; {@code model.onnx} where it is none of the versions
     * @param damages what else was found, a sentence each; empty where all is well
     */
    public record Usable(Path file, String version, List<String> damages) {
        public Usable {
            damages = List.copyOf(damages);
        }
    }

    /** The names of the complete versions, oldest first. */
    public List<String> names() {
        return entries().stream()
                .filter(name -> name.matches(NUMBER))
                .sorted(Comparator.comparingLong(Long::parseLong))
                .toList();
    }

    /** Names of the folders that were set aside. */
    public List<String> setAside() {
        return entries().stream()
                .filter(name -> name.matches(NUMBER + "\\" + DAMAGED))
                .sorted()
                .toList();
    }

    private List<String> entries() {
        if (Files.notExists(folder.resolve(FOLDER))) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder.resolve(FOLDER))) {
            return paths.map(path -> String.valueOf(path.getFileName())).toList();
        } catch (IOException e) {
            throw new FieldfareException("cannot list the versions in " + folder + ": " + e.getMessage(), e);
        }
    }

    /** A name that no version has, or had before it was set aside: one more than the newest. */
    String next() {
        long last = Stream.concat(names().stream(), setAside().stream().map(name -> name.replace(DAMAGED, "")))
                .mapToLong(Long::parseLong)
                .max()
                .orElse(0);
        return String.format(Locale.ROOT, "%04d", last + 1);
    }

    /** The folder of a version. */
    public Path of(String name) {
        return folder.resolve(FOLDER).resolve(name);
    }

    /** The file in use, whatever is in it; perhaps there is none. */
    public Path model() {
        return folder.resolve(ModelStore.MODEL);
    }

    /** Where a version comes from, in words, as its manifest says; empty where it has none, or a damaged one. */
    public String origin(String name) {
        try {
            return Manifest.read(of(name)).map(Manifest::origin).orElse("");
        } catch (FieldfareException damaged) {
            return "";
        }
    }

    /** Whether a version was once in use, and nobody went back from it. */
    public boolean wasUsed(String name) {
        if (Files.exists(of(name).resolve(LEFT))) {
            return false;
        }
        try {
            return Files.exists(of(name).resolve(CHOSEN)) || Promotion.was(of(name));
        } catch (FieldfareException damaged) {
            // Its report cannot be read. Whether it can be used, its hashes say.
            return true;
        }
    }

    /** What is wrong with a version, in words; empty where it is as it was written. */
    public Optional<String> damage(String name) {
        try {
            Optional<Manifest> manifest = Manifest.read(of(name));
            return manifest.isPresent() ? manifest.get().damage(of(name)) : damageWithoutManifest(name);
        } catch (FieldfareException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> damageWithoutManifest(String name) {
        return Files.isRegularFile(of(name).resolve(ModelStore.MODEL))
                ? Optional.empty()
                : Optional.of(ModelStore.MODEL + " is missing");
    }

    /**
     * The version in use: the newest of those that were put to use whose model is the one in use, byte by byte. Empty
     * where no model is in use, or one that is none of the versions.
     */
    public Optional<String> current() {
        if (!Files.isRegularFile(model())) {
            return Optional.empty();
        }
        String hash = Sha256.of(model());
        List<String> same =
                names().reversed().stream().filter(name -> has(name, hash)).toList();
        return same.stream()
                .filter(this::wasUsed)
                .findFirst()
                .or(() -> same.stream().findFirst());
    }

    /** Whether this is the model of a version: by what was written, not by what the card gives back. */
    private boolean has(String name, String hash) {
        try {
            Path model = of(name).resolve(ModelStore.MODEL);
            Optional<String> written =
                    Manifest.read(of(name)).map(manifest -> manifest.sha256().getOrDefault(ModelStore.MODEL, ""));
            return hash.equals(written.orElseGet(() -> Files.isRegularFile(model) ? Sha256.of(model) : ""));
        } catch (FieldfareException damaged) {
            return false;
        }
    }

    /** The version that was in use before this one. */
    Optional<String> before(String name) {
        return names().reversed().stream()
                .filter(other -> Long.parseLong(other) < Long.parseLong(name))
                .filter(this::wasUsed)
                .findFirst();
    }

    /**
     * The model to use: the one in use if it is whole, else the newest version that was in use and is whole. A file that
     * somebody put there by hand is used as long as no version was in use.
     */
    public Optional<Usable> usable() {
        return usable(new ArrayList<>());
    }

    /** @param damages takes what is wrong, a sentence each, also where nothing can be used */
    public Optional<Usable> usable(List<String> damages) {
        List<String> used = names().reversed().stream().filter(this::wasUsed).toList();
        if (Files.isRegularFile(model())) {
            try {
                Optional<String> current = current();
                if (current.isPresent() || used.isEmpty()) {
                    return Optional.of(new Usable(model(), current.orElse(ModelStore.MODEL), List.of()));
                }
                damages.add(model() + " is none of the versions beside it: it is damaged, or was put there by hand,"
                        + " which 'models import' does better");
            } catch (FieldfareException unreadable) {
                damages.add(String.valueOf(unreadable.getMessage()));
            }
        }
        for (String name : used) {
            Optional<String> damage = damage(name);
            if (damage.isEmpty()) {
                return Optional.of(new Usable(of(name).resolve(ModelStore.MODEL), name, damages));
            }
            damages.add("version " + name + " in " + folder + " is damaged: " + damage.get());
        }
        return Optional.empty();
    }
}
