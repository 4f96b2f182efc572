package dev.fieldfare.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The files of tensors that a training goes on from, each with a text in JSON that says what they are. */
final class CheckpointFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private CheckpointFiles() {}

    /** What a training that goes on says before its tensors. */
    record Standing(int number, Map<String, Integer> sizes, Checkpoint checkpoint) {}

    /** What one that is over says before its tensors. */
    record Outcome(
            Map<String, Integer> sizes, List<TrainingReport.Epoch> epochs, TrainingReport.Best best, String stopped) {}

    /**
     * Writes where a training stands.
     *
     * @param number of the training
     * @return how many bytes that took
     */
    static long write(Path file, int number, Checkpoint checkpoint, Map<String, FloatBuffer> tensors) {
        return write(file, new Standing(number, sizes(tensors), checkpoint), tensors);
    }

    /** Writes what came of a training; returns how many bytes that took. */
    static long writeDone(Path file, FineTuner.Trained trained) {
        Outcome outcome = new Outcome(sizes(trained.weights()), trained.epochs(), trained.best(), trained.stopped());
        return write(file, outcome, trained.weights());
    }

    private static long write(Path file, Object words, Map<String, FloatBuffer> tensors) {
        try {
            String text = JSON.writeValueAsString(words);
            TensorFile.write(file, text, tensors.values());
            return TensorFile.bytes(text, tensors.values());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a checkpoint is always writable as JSON", e);
        }
    }

    private static Map<String, Integer> sizes(Map<String, FloatBuffer> tensors) {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> sizes.put(name, tensor.remaining()));
        return sizes;
    }

    /**
     * Reads where a training stands; its tensors are put into these. Empty where the file is none, damaged, or of another
     * training.
     */
    static Optional<Checkpoint> read(Path file, int number, Map<String, FloatBuffer> tensors) {
        Optional<TensorFile> open = TensorFile.open(file);
        if (open.isEmpty()) {
            return Optional.empty();
        }
        Standing standing = parse(open.get(), Standing.class);
        if (standing.number() != number
                || !standing.sizes().equals(sizes(tensors))
                || !open.get().fits(tensors.values())) {
            return Optional.empty();
        }
        open.get().read(tensors.values());
        return Optional.of(standing.checkpoint());
    }

    /** Reads what came of a training; empty where the file is none, or damaged. */
    static Optional<FineTuner.Trained> readDone(Path file) {
        return TensorFile.open(file).map(open -> {
            Outcome outcome = parse(open, Outcome.class);
            Map<String, FloatBuffer> weights = new LinkedHashMap<>();
            outcome.sizes().forEach((name, size) -> weights.put(name, offTheHeap(size)));
            open.read(weights.values());
            return new FineTuner.Trained(weights, outcome.epochs(), outcome.best(), outcome.stopped(), Answers.NONE);
        });
    }

    /** The heap is small. */
    private static FloatBuffer offTheHeap(int elements) {
        return Arena.ofAuto()
                .allocate((long) Float.BYTES * elements, Float.BYTES)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static <T> T parse(TensorFile file, Class<T> type) {
        try {
            return JSON.readValue(file.text(), type);
        } catch (JsonProcessingException e) {
            throw new FieldfareException(
                    file.file() + " is of another version of Fieldfare: " + e.getOriginalMessage() + "; delete it", e);
        }
    }
}
