package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that comes with Fieldfare. */
final class ShippedModel {
    private ShippedModel() {}

    /** Its file, in the folder of models that the launcher names. */
    static Path file() {
        Path file = Path.of(System.getProperty("fieldfare.models", "models"), "cifar10-64.onnx");
        if (!Files.isRegularFile(file)) {
            throw new FieldfareException("the shipped model " + file + " is missing; run Fieldfare with its launcher, "
                    + "tools/fieldfare, from a complete checkout or installation");
        }
        // As somebody in the checkout would write it.
        Path current = Path.of("").toAbsolutePath();
        return file.toAbsolutePath().startsWith(current) ? current.relativize(file.toAbsolutePath()) : file;
    }
}
