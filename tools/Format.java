import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks that Java sources are formatted, or formats them: {@code java Format.java check|apply FOLDER...}. The build
 * runs it on the JDK that compiles the sources, because the formatter only knows the syntax of the JDK it runs on.
 */
final class Format {
    public static void main(String[] arguments) throws IOException {
        boolean apply = arguments[0].equals("apply");
        Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .build());
        List<String> wrong = new ArrayList<>();
        for (Path file : sources(Arrays.copyOfRange(arguments, 1, arguments.length))) {
            String source = Files.readString(file);
            try {
                String formatted = formatter.formatSourceAndFixImports(source);
                if (!formatted.equals(source)) {
                    wrong.add(file.toString());
                    if (apply) {
                        Files.writeString(file, formatted);
                    }
                }
            } catch (FormatterException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        if (apply) {
            System.out.println("Formatted " + wrong.size() + " files. " + String.join(" ", wrong));
        } else if (!wrong.isEmpty()) {
            System.err.println("Not formatted: " + String.join(" ", wrong));
            System.err.println("This formats them: mvn -q validate exec:exec@format");
            System.exit(1);
        }
    }

    private static List<Path> sources(String... folders) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
            }
        }
        return sources;
    }
}
