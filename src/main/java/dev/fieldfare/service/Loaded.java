package dev.fieldfare.service;

import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * A model that is ready to look.
 *
 * @param version what people call it: the number of a version, or the file
 */
record Loaded(Classifier classifier, Averaging averaging, String version) implements AutoCloseable {
    /**
     * Loads it, and warms it up for this way of averaging.
     *
     * @param average as {@code --average}
     * @throws dev.fieldfare.FieldfareException if it is no classifier, or cannot be averaged over so
     */
    static Loaded open(Path file, String version, String average, int threads, InstantSource clock) {
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        Averaging averaging = Averaging.parse(average, model.card());
        return new Loaded(Classifier.open(model, averaging, threads, clock), averaging, version);
    }

    @Override
    public void close() {
        classifier.close();
    }
}
