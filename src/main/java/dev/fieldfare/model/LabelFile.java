package dev.fieldfare.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The file of labels, one a line, that a card may name instead of listing them. */
final class LabelFile {
    /** Bytes: those of some ten thousand classes. */
    private static final int LONGEST = 1 << 20;

    private LabelFile() {}

    /**
     * Checks a card that came with a model, and so from whoever made the model: its file of labels must lie in the model's
     * folder, also when links are followed, or a model could show any file of this machine as its labels.
     *
     * @param source what messages call the card
     */
    static void requireInside(CardDocument document, Path folder, String source) {
        JsonNode labels = document.labels();
        if (labels == null || !labels.isTextual()) {
            return;
        }
        try {
            Path file = folder.resolve(labels.asText()).normalize();
            boolean leaves = !file.startsWith(folder.normalize())
                    || Files.exists(file) && !file.toRealPath().startsWith(folder.toRealPath());
            if (leaves) {
                throw outside(labels, source);
            }
        } catch (InvalidPathException | IOException e) {
            throw outside(labels, source);
        }
    }

    private static FieldfareException outside(JsonNode labels, String source) {
        return new FieldfareException(source + " names the file of labels " + labels
                + ", which is not in the model's own folder; put it there, or name it with --labels");
    }

    /**
     * The labels in a file, without empty lines.
     *
     * @param folder that the name is relative to
     */
    static List<String> lines(Path folder, String name) {
        Path file;
        try {
            file = folder.resolve(name);
        } catch (InvalidPathException e) {
            throw new FieldfareException(
                    "labels cannot be '" + name + "', which is no name of a file: list the labels,"
                            + " or name a file with one a line",
                    e);
        }
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(LONGEST + 1);
            if (bytes.length > LONGEST) {
                throw new FieldfareException(
                        "the file of labels " + file + " has more than " + LONGEST + " bytes; is it the right file?");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .lines()
                    .map(line -> line.replace("\uFEFF", "").strip()) // editors on Windows begin files with it
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new FieldfareException(
                    "the card names the file of labels " + file + ", which cannot be read (" + e.getMessage()
                            + "); put it there, one label a line",
                    e);
        }
    }
}
