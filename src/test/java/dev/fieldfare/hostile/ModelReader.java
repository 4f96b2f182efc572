package dev.fieldfare.hostile;

import dev.fieldfare.hostile.MutationRun.Reader;
import dev.fieldfare.image.Picture;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** Opens models as the commands do, and lets those that are taken look at a picture. */
final class ModelReader implements Reader {
    private final Path file;
    private final int every;
    private long opened;

    /** @param every how many models that were taken one looks */
    ModelReader(Path folder, int every) {
        this.file = folder.resolve("model.onnx");
        this.every = every;
        try {
            Files.write(folder.resolve(GoodFiles.DATA), GoodFiles.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void read(byte[] input) throws IOException {
        // Never over the file that another model is mapped from.
        Files.deleteIfExists(file);
        Files.write(file, input);
        ClassifierModel model = ClassifierModel.open(file, CardDocument.EMPTY);
        if (opened++ % every == 0) {
            try (Classifier classifier = Classifier.open(model, Averaging.NONE, 1, InstantSource.system())) {
                Picture picture = new Picture(16, 16, new byte[3 * 16 * 16]);
                double probability = classifier.predict(picture, Averaging.NONE).probability();
                if (!(probability >= 0 && probability <= 1.02)) {
                    throw new IllegalStateException("a probability of " + probability);
                }
            }
        }
    }
}
