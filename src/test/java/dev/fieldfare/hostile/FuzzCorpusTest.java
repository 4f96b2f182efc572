package dev.fieldfare.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What fuzzing found once, shown to the readers again: each answers, or refuses in a sentence. */
class FuzzCorpusTest {
    @TestFactory
    List<DynamicTest> whatWasFoundOnceIsFoundNoMore() throws IOException, URISyntaxException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Fuzzer.Kind kind : Fuzzer.Kind.values()) {
            URL folder = getClass().getResource(kind.name().toLowerCase(Locale.ROOT));
            if (folder != null) {
                try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
                    files.sorted()
                            .forEach(file -> tests.add(DynamicTest.dynamicTest(
                                    kind + " " + Objects.requireNonNull(file.getFileName()),
                                    () -> Fuzzer.show(kind, Files.readAllBytes(file)))));
                }
            }
        }
        assertTrue(!tests.isEmpty(), "the corpus is missing");
        return tests;
    }
}
