package dev.fieldfare.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainPathTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"plain.onnx", "with space/Käfer.onnx", "日本/model.onnx", "🐦/model.onnx", "🐦/🐦.onnx"})
    void opensAModelWhateverItIsCalled(String name) throws IOException {
        assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")), "this locale has no such file names");
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.copy(Path.of("models/cifar10-64.onnx"), file);
        try (Session session = Session.open(file, SessionSettings.ofThreads(1))) {
            assertEquals(1, session.outputShapes().size());
        }
    }
}
