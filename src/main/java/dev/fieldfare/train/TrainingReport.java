package dev.fieldfare.train;

import dev.fieldfare.model.ModelCard;
import dev.fieldfare.predict.Comparison;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.TemperatureFit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is worth knowing about one training. As {@code report.json} it is its components by name, in this
 * order; scripts rely on the names.
 *
 * @param version version of the new model
 * @param model path of the new model
 * @param parent what the new model was made from
 * @param labels names of the classes
 * @param trainable which tensors were trained, with their shapes
 * @param parameters how many numbers were trained
 * @param memory planned and measured
 * @param data the pictures and how they were divided
 * @param epochs one entry for each pass over the training pictures, in order; at least one
 * @param stopped why training ended
 * @param best the epoch whose weights the new model has
 * @param test the new model on the held-back pictures, one look each; on the validation pictures where {@code
 *     data.test} is 0
 * @param testAveraged the same with averaged looks (how is in its {@code averaging}), or null
 * @param incumbent the old model on the pictures of {@code test}, or null if there was none for these labels
 * @param comparison the new model against the incumbent, or null without one
 * @param promoted whether the new model replaced the old one
 * @param reason why it did or did not: one sentence
 * @param calibration how sure the new model is made to be, on the pictures of {@code test}
 * @param unknown when the new model answers that it does not know; how often that is so is in {@code test}
 * @param mistakes pictures of {@code test} that the new model got wrong
 * @param settings what the training was asked to do: strings, numbers, booleans, lists and maps of these
 * @param seconds duration of the whole training
 * @param seed what all randomness of the training was drawn from
 */
public record TrainingReport(
        String version,
        String model,
        String parent,
        List<String> labels,
        String trainable,
        long parameters,
        Memory memory,
        Data data,
        List<Epoch> epochs,
        String stopped,
        Best best,
        Evaluation test,
        @Nullable Evaluation testAveraged,
        @Nullable Evaluation incumbent,
        @Nullable Comparison comparison,
        boolean promoted,
        String reason,
        Calibration calibration,
        ModelCard.Unknown unknown,
        List<Mistake> mistakes,
        Map<String, Object> settings,
        double seconds,
        long seed) {

    public TrainingReport {
        labels = List.copyOf(labels);
        epochs = List.copyOf(epochs);
        mistakes = List.copyOf(mistakes);
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        if (epochs.isEmpty()) {
            throw new IllegalArgumentException("a training has at least one epoch");
        }
    }

    /**
     * Memory of the whole process, in bytes.
     *
     * @param budgetBytes what the process was allowed, 0 if nothing was said
     * @param plannedBytes what the plan expected at the peak
     * @param peakBytes the peak resident set that the kernel counted, 0 where it does not count
     * @param items the parts of the plan
     */
    public record Memory(long budgetBytes, long plannedBytes, long peakBytes, List<MemoryItem> items) {
        public Memory {
            items = List.copyOf(items);
        }
    }

    /** One part of the plan, in bytes, and what needs it. */
    public record MemoryItem(String name, long bytes, String why) {}

    /**
     * The pictures.
     *
     * @param folder where they lie
     * @param images how many could be used
     * @param train how many of them were trained on
     * @param validation how many chose the best epoch
     * @param test how many were held back until the end
     * @param sessions capture sessions, each of which is on one side of the split
     * @param nearDuplicates pictures that were kept on the side of one that looks the same
     * @param skipped files that could not be used
     * @param split how the pictures were divided
     */
    public record Data(
            String folder,
            int images,
            int train,
            int validation,
            int test,
            int sessions,
            int nearDuplicates,
            List<Skipped> skipped,
            String split) {
        public Data {
            skipped = List.copyOf(skipped);
        }
    }

    /** A file that was left out, and why. */
    public record Skipped(String file, String reason) {}

    /**
     * One pass over the training pictures.
     *
     * @param epoch counted from 1
     * @param learningRate at the end of the epoch
     * @param trainLoss mean over the epoch's steps, as it was minimized
     * @param trainAccuracy 0 to 1, over the epoch's steps
     * @param validationLoss mean negative log likelihood, natural logarithm
     * @param validationAccuracy 0 to 1
     * @param seconds duration
     */
    public record Epoch(
            int epoch,
            double learningRate,
            double trainLoss,
            double trainAccuracy,
            double validationLoss,
            double validationAccuracy,
            double seconds) {}

    /** The epoch with the lowest validation loss. */
    public record Best(int epoch, double validationLoss, double validationAccuracy) {}

    /**
     * How sure the new model is made to be, see {@link dev.fieldfare.predict.Temperature}.
     *
     * @param temperature that the last layer was divided by; 1 where nothing was fitted
     * @param single how it was found, from one look at each picture (of an ensemble, one by each member), or null
     * @param averaged the same for the mean of averaged looks, on top of it, or null
     * @param whyNot why nothing was fitted; empty where it was
     */
    public record Calibration(
            double temperature,
            @Nullable TemperatureFit single,
            @Nullable TemperatureFit averaged,
            String whyNot) {}

    /** A picture that was taken for something else; {@code probability} is that of the wrong class, 0 to 1. */
    public record Mistake(String file, String truth, String predicted, double probability) {}
}
