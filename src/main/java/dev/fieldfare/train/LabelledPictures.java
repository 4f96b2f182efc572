package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of labelled pictures: {@code FOLDER/LABEL/*.jpg}, or {@code FOLDER/train/LABEL} and {@code FOLDER/val/LABEL}
 * (and {@code FOLDER/test/LABEL}), the convention of torchvision and of every labelling tool.
 *
 * @param labels sorted by name
 * @param pictures sorted by file
 */
public record LabelledPictures(Path folder, List<String> labels, List<LabelledPicture> pictures) {
    /** Fewer pictures of a class than this cannot be divided into training, validation and test. */
    public static final int LEAST_PER_CLASS = 4;

    private static final Map<String, Side> SIDES = Map.of(
            "train", Side.TRAIN,
            "training", Side.TRAIN,
            "val", Side.VALIDATION,
            "valid", Side.VALIDATION,
            "validation", Side.VALIDATION,
            "test", Side.TEST);

    public LabelledPictures {
        labels = List.copyOf(labels);
        pictures = List.copyOf(pictures);
    }

    /**
     * Lists a folder; no picture is opened yet.
     *
     * @throws FieldfareException if there is no such folder, or no picture in a folder of a label
     */
    public static LabelledPictures scan(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new FieldfareException(
                    (Files.exists(folder) ? folder + " is not a folder" : "there is no folder " + folder)
                            + "; give a folder that holds one folder of pictures for each label");
        }
        List<Path> inside = folders(folder);
        boolean split = inside.stream().anyMatch(path -> sideOf(path) == Side.TRAIN)
                && inside.stream()
                        .allMatch(path ->
                                sideOf(path) != null || PictureFiles.list(path).isEmpty());
        Map<Path, List<Path>> bySide = new LinkedHashMap<>();
        if (split) {
            inside.stream().filter(path -> sideOf(path) != null).forEach(side -> bySide.put(side, folders(side)));
        } else {
            bySide.put(folder, inside);
        }
        TreeSet<String> labels = new TreeSet<>();
        bySide.values().forEach(paths -> paths.forEach(path -> labels.add(name(path))));
        List<String> ordered = new ArrayList<>();
        List<LabelledPicture> pictures = new ArrayList<>();
        for (String label : labels) {
            List<LabelledPicture> ofLabel = new ArrayList<>();
            bySide.forEach((side, paths) -> paths.stream()
                    .filter(path -> name(path).equals(label))
                    .flatMap(path -> PictureFiles.list(path).stream())
                    .forEach(file ->
                            ofLabel.add(new LabelledPicture(file, ordered.size(), split ? sideOf(side) : null))));
            // A folder without pictures is no label: tools leave folders such as "__MACOSX" behind.
            if (!ofLabel.isEmpty()) {
                pictures.addAll(ofLabel);
                ordered.add(label);
            }
        }
        if (ordered.isEmpty()) {
            throw needsLabels(folder, "no folder with pictures");
        }
        return new LabelledPictures(folder, ordered, pictures);
    }

    private static FieldfareException needsLabels(Path folder, String found) {
        return new FieldfareException(folder + " has " + found
                + "; a classifier needs at least two labels: make one folder for each, such as "
                + folder.resolve("cat")
                + " and " + folder.resolve("no-cat") + ", and put its pictures into it");
    }

    /**
     * Checks that there is enough to learn from and to measure with.
     *
     * @throws FieldfareException if there is one label only, or naming the labels that have too few pictures
     */
    public void requireEnough() {
        if (labels.size() < 2) {
            throw needsLabels(folder, "only '" + labels.getFirst() + "'");
        }
        List<String> poor = new ArrayList<>();
        for (int label = 0; label < labels.size(); label++) {
            int index = label;
            long count = pictures.stream()
                    .filter(picture -> picture.label() == index)
                    .count();
            if (count < LEAST_PER_CLASS) {
                poor.add("'" + labels.get(label) + "' (" + count + ")");
            }
        }
        if (!poor.isEmpty()) {
            throw new FieldfareException(folder + " has too few pictures of " + String.join(", ", poor)
                    + "; give at least " + LEAST_PER_CLASS
                    + " of each label, better 20: some train, some are held back to "
                    + "measure how good the model is");
        }
    }

    /** Whether the folder itself says which pictures train. */
    public boolean isSplit() {
        return pictures.stream().allMatch(picture -> picture.given() != null);
    }

    /** About how many train, or say when to stop: all that are not held back to measure the finished model. */
    int development(SplitSettings split) {
        return isSplit()
                ? (int) pictures.stream()
                        .filter(picture -> picture.given() != Side.TEST)
                        .count()
                : (int) Math.ceil(pictures.size() * (1 - split.test()));
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(Files::isDirectory)
                    .filter(path -> !name(path).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new FieldfareException(
                    "cannot list " + folder + ": " + e.getMessage() + "; check its permissions", e);
        }
    }

    private static @Nullable Side sideOf(Path path) {
        return SIDES.get(name(path).toLowerCase(Locale.ROOT));
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
