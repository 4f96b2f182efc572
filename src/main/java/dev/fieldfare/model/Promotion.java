package dev.fieldfare.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the report beside a model says of how it went.
 *
 * @param version name of the version
 * @param promoted whether it was better than what was in use, and took its place
 * @param reason why, or why not
 * @param pictures how many it learnt from and was measured on
 * @param accuracy on pictures that were held back, 0 to 1
 */
public record Promotion(String version, boolean promoted, String reason, int pictures, double accuracy) {
    private static final String REPORT = "report.json";

    /**
     * Reads the report in a folder.
     *
     * @throws FieldfareException if there is none, or it is none
     */
    public static Promotion read(Path folder) {
        Path file = folder.resolve(REPORT);
        try {
            return of(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads a report.
     *
     * @param source that messages name
     */
    public static Promotion of(String json, String source) {
        try {
            JsonNode report = JsonMapper.builder().build().readTree(json);
            JsonNode version = report.path("version");
            if (version.isTextual()) {
                return new Promotion(
                        version.textValue(),
                        report.path("promoted").asBoolean(),
                        report.path("reason").asText(),
                        report.path("data").path("images").asInt(),
                        report.path("test").path("accuracy").asDouble());
            }
        } catch (IOException e) {
            throw new FieldfareException(source + " is no report of a retraining: " + e.getMessage(), e);
        }
        throw new FieldfareException(source + " is no report of a retraining: it names no version");
    }

    /** Whether the version in a folder was once in use. One without a report was put there by hand, to be used. */
    static boolean was(Path version) {
        return !Files.exists(version.resolve(REPORT)) || read(version).promoted();
    }
}
