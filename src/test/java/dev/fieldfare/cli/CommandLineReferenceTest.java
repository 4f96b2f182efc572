package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The command line reference names every command and option that there is, and no other. */
class CommandLineReferenceTest {
    private static final Path REFERENCE = Path.of("src/site/markdown/command-line.md");
    private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*|(?<=`)-[a-zA-Z](?=`| )");
    private static final Pattern COMMAND =
            Pattern.compile("^### `(\\w+(?: list| show| import| export| rollback| join)?)", Pattern.MULTILINE);

    private static Stream<CommandLine> withSubcommands(CommandLine command) {
        return Stream.concat(
                Stream.of(command),
                command.getSubcommands().values().stream().flatMap(CommandLineReferenceTest::withSubcommands));
    }

    private static Stream<CommandLine> commands() {
        return withSubcommands(new CommandLine(new Main()));
    }

    @Test
    void everyOptionIsNamedAndNoOther() throws IOException {
        Set<String> actual = commands()
                .flatMap(command -> command.getCommandSpec().options().stream())
                .map(OptionSpec::names)
                .flatMap(Stream::of)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = OPTION.matcher(Files.readString(REFERENCE))
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(actual, documented);
    }

    @Test
    void everyCommandHasASection() throws IOException {
        Set<String> actual = commands()
                .filter(command -> command.getSubcommands().isEmpty())
                .map(command -> command.getCommandSpec().qualifiedName().replaceFirst("^fieldfare ", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = COMMAND.matcher(Files.readString(REFERENCE))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(actual, documented);
    }
}
