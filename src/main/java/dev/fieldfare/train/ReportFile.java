package dev.fieldfare.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import dev.fieldfare.train.TrainingReport.Mistake;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Writes a {@link TrainingReport} for programs ({@code report.json}) and for people ({@code report.html}). */
public final class ReportFile {
    /** How many mistakes the page shows. */
    public static final int THUMBNAILS = 12;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ReportFile() {}

    /** The mistakes that the page shows, most confident first: pictures to make thumbnails of. */
    public static List<Mistake> shown(List<Mistake> mistakes) {
        return mistakes.stream()
                .sorted(Comparator.comparingDouble(Mistake::probability).reversed())
                .limit(THUMBNAILS)
                .toList();
    }

    /** Writes both files, without an appendix. */
    public static void write(Path folder, TrainingReport report, Map<String, byte[]> thumbnails) {
        write(folder, report, thumbnails, "");
    }

    /**
     * Writes both files. Each is written whole under a temporary name, synced and renamed, so that a reader finds the
     * old one, the new one or none, but never half of one.
     *
     * @param folder where to; made if it does not exist
     * @param thumbnails small JPEG files by {@link Mistake#file}; mistakes without one are shown by name only
     * @param appendix more sections of the page, see {@link ReportPage#html}
     * @throws FieldfareException if a file cannot be written
     */
    public static void write(Path folder, TrainingReport report, Map<String, byte[]> thumbnails, String appendix) {
        replace(folder.resolve("report.json"), json(report));
        replace(folder.resolve("report.html"), ReportPage.html(report, thumbnails, appendix));
    }

    /** The report as one JSON document, indented, fields in the order of the record, with a line feed at the end. */
    public static String json(TrainingReport report) {
        try {
            return JSON.writeValueAsString(report).replace("\r\n", "\n") + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the report holds a value that JSON cannot say", e);
        }
    }

    private static void replace(Path file, String text) {
        WholeFile.write(file, channel -> {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }
}
