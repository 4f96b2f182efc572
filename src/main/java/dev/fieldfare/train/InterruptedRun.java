package dev.fieldfare.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.files.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a retraining is, in {@code run.json}: what must be the same for it to be gone on with.
 *
 * @param key hash of model, settings and program
 * @param starts how often it was begun or gone on with
 * @param seconds that it took so far
 * @param train what was chosen to be trained; empty before
 * @param plan what else was planned
 * @param views how many changed views of each picture there are; -1 before that is known
 * @param data hash of the pictures; empty before
 */
record InterruptedRun(String key, int starts, double seconds, String train, String plan, int views, String data) {
    static final InterruptedRun NONE = of("");

    private static final String FILE = "run.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** One that was never begun. */
    static InterruptedRun of(String key) {
        return new InterruptedRun(key, 0, 0, "", "", -1, "");
    }

    /** That of a folder; a damaged one is none. */
    static InterruptedRun read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Files.exists(file) ? JSON.readValue(Files.readString(file), InterruptedRun.class) : NONE;
        } catch (IOException e) {
            return NONE; // begun anew, it will say so
        }
    }

    void write(Path folder) {
        byte[] json;
        try {
            json = JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always writable as JSON", e);
        }
        WholeFile.write(folder.resolve(FILE), channel -> channel.write(ByteBuffer.wrap(json)));
    }

    InterruptedRun begun() {
        return new InterruptedRun(key, starts + 1, seconds, train, plan, views, data);
    }

    InterruptedRun after(double secondsSoFar) {
        return new InterruptedRun(key, starts, secondsSoFar, train, plan, views, data);
    }

    InterruptedRun planned(String chosen, String otherwise) {
        return new InterruptedRun(key, starts, seconds, chosen, otherwise, views, data);
    }

    InterruptedRun prepared(String hash, int changedViews) {
        return new InterruptedRun(key, starts, seconds, train, plan, changedViews, hash);
    }
}
