package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.service.DeviceConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What goes into the Debian package says nothing that the program does not do. */
class PackageTest {
    private static final Path PARTS = Path.of("src/package");
    private static final Path CONFIG = PARTS.resolve("device.yaml");

    /** The unit's settings; of several of one name, the last one. */
    private static Map<String, String> unit() throws IOException {
        return Files.readAllLines(PARTS.resolve("fieldfare.service")).stream()
                .filter(line -> !line.startsWith("#") && line.contains("="))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (first, last) -> last));
    }

    @Test
    void theUnitStartsACommandThatThereIs() throws IOException {
        List<String> words = List.of(unit().get("ExecStart").split(" "));
        assertEquals("/usr/bin/fieldfare", words.getFirst());
        CommandLine.ParseResult parsed = new CommandLine(new Main())
                .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        CommandLine.ParseResult run = parsed.subcommand();
        assertEquals("run", run.commandSpec().name());
        assertEquals(
                unit().get("ConditionPathExists"),
                run.matchedOption("-c").getValue().toString());
    }

    @Test
    void theConfigurationIsGoodAndKeepsEverythingInTheUnitsFolder() throws IOException {
        StringWriter said = new StringWriter();
        PrintWriter to = new PrintWriter(said, true);
        assertEquals(0, Main.run(to, to, "run", "-c", CONFIG.toString(), "--check"), said::toString);
        assertEquals(
                Path.of("/var/lib", unit().get("StateDirectory")),
                Path.of(DeviceConfig.read(CONFIG).data()));
    }

    /** What is commented out there to be tried. */
    @Test
    void whatTheConfigurationProposesIsGood(@TempDir Path folder) throws IOException {
        String all = Files.readString(CONFIG).replaceAll("(?m)^# (?=[a-zA-Z]+:( GPIO22)?$|  -)", "");
        assertTrue(all.contains("\nstatusLight: GPIO22\n") && all.contains("\nlights:\n  - pin:"), all);
        Path file = folder.resolve("device.yaml");
        Files.writeString(file, all.replaceAll("# (at: \"03:00\")", "$1"));
        DeviceConfig config = DeviceConfig.read(file);
        assertEquals(1, config.lights().size());
        assertEquals(1, config.buttons().size());
        assertEquals("03:00", config.classifiers().get("things").retrain().at());
    }

    @Test
    void theManualPageNamesEveryCommandAndOption(@TempDir Path folder) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "tools/ManPage.java",
                        folder.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), said);
        String page = Files.readString(folder.resolve("fieldfare.1"));
        String completion = Files.readString(folder.resolve("fieldfare"));
        List<CommandLine> commands = leaves(new CommandLine(new Main())).toList();
        assertFalse(commands.isEmpty());
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            assertTrue(page.contains("\n.SS " + name), name);
            for (OptionSpec option : command.getCommandSpec().options()) {
                String names = String.join(", ", option.names()).replace("-", "\\-");
                assertTrue(page.contains("\n.B " + names), name + " " + names);
                assertTrue(Arrays.stream(option.names()).allMatch(completion::contains), name + " " + names);
            }
        }
        // Whatever stands at the beginning of a line after a point is a command of roff that there is.
        assertEquals(
                List.of(),
                page.lines()
                        .filter(line -> line.startsWith(".") && !line.matches("\\.(TH|SH|SS|TP|B|I)( .*)?"))
                        .toList());
    }

    private static Stream<CommandLine> leaves(CommandLine command) {
        return command.getSubcommands().isEmpty()
                ? Stream.of(command)
                : command.getSubcommands().values().stream().flatMap(PackageTest::leaves);
    }
}
