package dev.fieldfare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Relative links in the documentation lead to files that exist. */
class DocumentationLinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)");

    private static Stream<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/site/markdown"))) {
            List<Path> guides = files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
            return Stream.concat(Stream.of(Path.of("README.md"), Path.of("CHANGELOG.md")), guides.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) throws IOException {
        Path folder = page.toAbsolutePath().getParent();
        List<String> dead = LINK.matcher(Files.readString(page))
                .results()
                .map(found -> found.group(1))
                .filter(link -> !link.startsWith("https:"))
                .filter(link -> !Files.exists(folder.resolve(link).normalize()))
                .toList();
        assertEquals(List.of(), dead);
    }
}
