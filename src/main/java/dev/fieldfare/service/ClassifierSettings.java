package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.predict.Averaging;
import java.util.List;

/**
 * A model that looks through a camera.
 *
 * @param camera its name; may be empty where there is one camera only
 * @param model the ONNX file that it begins with, relative to the configuration file; {@code shipped} is the one that
 *     comes with Fieldfare. Once the device has learnt, it goes on with what it learnt
 * @param average how often it looks, as {@code --average}; {@code auto} does what the model's card says
 * @param looksPerSecond how many pictures a second it looks at, at most; 0 for as many as it can
 * @param labels that it is to learn, besides those for which there are pictures or buttons
 */
public record ClassifierSettings(
        String camera,
        String model,
        String average,
        double looksPerSecond,
        List<String> labels,
        DecisionSettings decision,
        CollectSettings collect,
        RetrainSettings retrain) {
    public static final ClassifierSettings DEFAULT = new ClassifierSettings(
            "",
            "shipped",
            "auto",
            0,
            List.of(),
            DecisionSettings.DEFAULT,
            CollectSettings.DEFAULT,
            RetrainSettings.DEFAULT);

    public ClassifierSettings {
        labels = List.copyOf(labels);
        for (String label : labels) {
            requireLabel(label);
        }
        Checks.require(!model.isBlank(), "model", "an ONNX file, or shipped", "empty");
        Checks.require(looksPerSecond >= 0 && looksPerSecond <= 1000, "looksPerSecond", "0 to 1000", looksPerSecond);
        try {
            Averaging.parse(average.equals("auto") ? "none" : average);
        } catch (FieldfareException e) {
            throw new FieldfareException("average: " + e.getMessage(), e);
        }
    }

    private static void requireLabel(String label) {
        try {
            Order.requireFolderName(label);
        } catch (FieldfareException e) {
            throw new FieldfareException("labels: " + e.getMessage(), e);
        }
    }

    /** These with all of the others that can change while a device runs. */
    ClassifierSettings changedLive(ClassifierSettings other) {
        return new ClassifierSettings(
                camera,
                model,
                average,
                other.looksPerSecond,
                other.labels,
                other.decision,
                other.collect,
                other.retrain);
    }

    ClassifierSettings withCamera(String other) {
        return new ClassifierSettings(other, model, average, looksPerSecond, labels, decision, collect, retrain);
    }
}
