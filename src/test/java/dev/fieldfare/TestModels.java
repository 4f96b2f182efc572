package dev.fieldfare;

import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The model that comes with Fieldfare. */
public final class TestModels {
    private TestModels() {}

    /** Its file; where it is absent the test is skipped, with the reason. */
    public static Path shippedFile() {
        Path file = Path.of("models", "cifar10-64.onnx");
        Assumptions.assumeTrue(Files.isRegularFile(file), "the shipped model " + file + " is not in this checkout");
        return file;
    }

    public static ClassifierModel shipped() {
        return ClassifierModel.open(shippedFile(), CardDocument.EMPTY);
    }
}
