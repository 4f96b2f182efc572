package dev.fieldfare.hostile;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.service.Order;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The readers as Jazzer calls them; {@code tools/fuzz} starts it. The property {@code fieldfare.fuzz} names the target.
 * Jazzer is no part of the tests: {@link FuzzCorpusTest} shows what it once found to the same methods.
 */
public final class Fuzzer {
    private static final Path FOLDER = folder();

    private Fuzzer() {}

    /** What can be fuzzed. */
    enum Kind {
        MODELS,
        PICTURES,
        CARDS,
        ORDERS
    }

    /** Jazzer's entry; what it throws is a finding. */
    public static void fuzzerTestOneInput(byte[] input) {
        show(Kind.valueOf(System.getProperty("fieldfare.fuzz", "models").toUpperCase(Locale.ROOT)), input);
    }

    static void show(Kind kind, byte[] input) {
        try {
            switch (kind) {
                case MODELS -> model(input);
                case PICTURES -> PictureReader.read(input, "the frame", input.length % 2 == 0 ? 16 : 1 << 20);
                case CARDS -> StrictYaml.parse(text(input), CardDocument.EMPTY, "the card");
                case ORDERS -> order(text(input));
            }
        } catch (FieldfareException refused) {
            Refusals.requireSane(refused);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reader alone; what the engine makes of what it lets pass is for {@link MutationTest}. */
    private static void model(byte[] input) throws IOException {
        Path file = FOLDER.resolve("model.onnx");
        // Never over the file that another model is mapped from.
        Files.deleteIfExists(file);
        Files.write(file, input);
        OnnxFile.read(file);
    }

    /** What comes from a broker, and in commands. A label becomes a folder in another one. */
    private static void order(String text) {
        if (Order.parse(text) instanceof Order.Label label) {
            Path path = FOLDER.resolve(label.label()).normalize();
            if (!FOLDER.equals(path.getParent())) {
                throw new IllegalStateException("a label leaves its folder: " + label.label());
            }
        }
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    private static Path folder() {
        try {
            Path folder = Files.createTempDirectory("fieldfare-fuzz-");
            Files.write(folder.resolve(GoodFiles.DATA), GoodFiles.data());
            folder.resolve(GoodFiles.DATA).toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
