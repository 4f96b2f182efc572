package dev.fieldfare.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the folder of a version is to hold, in {@code manifest.json}: a memory card may give back what it was never given.
 *
 * @param origin where the version comes from, in words
 * @param sha256 hashes of its files, by their names
 */
public record Manifest(String origin, Map<String, String> sha256) {
    static final String FILE = "manifest.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    public Manifest {
        sha256 = Collections.unmodifiableMap(new TreeMap<>(sha256));
    }

    /** Writes one for the files that lie in a folder. */
    static void write(Path folder, String origin) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                hashes.put(String.valueOf(file.getFileName()), Sha256.of(file));
            }
        }
        hashes.remove(FILE);
        byte[] json = JSON.writeValueAsString(new Manifest(origin, hashes)).getBytes(StandardCharsets.UTF_8);
        WholeFile.write(folder.resolve(FILE), channel -> channel.write(ByteBuffer.wrap(json)));
    }

    /**
     * Reads that of a version; versions that were put there by hand have none.
     *
     * @throws FieldfareException if it is damaged itself
     */
    static Optional<Manifest> read(Path folder) {
        Path file = folder.resolve(FILE);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), Manifest.class));
        } catch (JsonProcessingException e) {
            throw new FieldfareException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** How a version's folder differs from what it is to hold, in words; empty where it is whole. */
    Optional<String> damage(Path folder) {
        for (Map.Entry<String, String> entry : sha256.entrySet()) {
            Path file = folder.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) {
                return Optional.of(entry.getKey() + " is missing");
            }
            if (!Sha256.of(file).equals(entry.getValue())) {
                return Optional.of(entry.getKey() + " is not what was written");
            }
        }
        return Optional.empty();
    }
}
