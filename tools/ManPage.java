import dev.fieldfare.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the manual page and the completion for bash from the commands themselves, so that they never say anything else:
 *
 * <pre>java -cp target/fieldfare.jar tools/ManPage.java FOLDER</pre>
 *
 * <p>makes {@code FOLDER/fieldfare.1} (man(7)) and {@code FOLDER/fieldfare} there. The page's date is that of
 * {@code SOURCE_DATE_EPOCH}, where it is set.
 */
final class ManPage {
    private static final String ENDING = """
        .SH EXIT STATUS
        0 if the work was done, 1 if it failed, 2 if it was asked for wrongly.
        .SH ENVIRONMENT
        .TP
        .B FIELDFARE_JAVA
        the folder of the Java to use, instead of the one that is found
        .TP
        .B FIELDFARE_JAVA_OPTIONS
        further options for Java, such as \\-Xmx96m
        .SH FILES
        .TP
        .I /etc/fieldfare/device.yaml
        what the service does
        .TP
        .I /etc/fieldfare/environment
        passwords that it names by their variables, one NAME=VALUE a line
        .TP
        .I /var/lib/fieldfare
        its pictures and models
        .TP
        .I /usr/share/fieldfare/models
        the model that comes with Fieldfare
        .TP
        .I /usr/share/doc/fieldfare/guide
        the guide, of which index.md is the first page
        .TP
        .I /usr/share/doc/fieldfare/examples
        configurations of devices and of training
        """;

    private final StringBuilder page = new StringBuilder();

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        CommandLine fieldfare = new CommandLine(new Main());
        Files.writeString(folder.resolve("fieldfare.1"), new ManPage().of(fieldfare));
        // It is read by a shell, not run by one.
        String completion = AutoComplete.bash("fieldfare", fieldfare).replaceFirst("^#!.*\n#\n", "");
        Files.writeString(folder.resolve("fieldfare"), completion);
    }

    private String of(CommandLine fieldfare) {
        CommandSpec main = fieldfare.getCommandSpec();
        line(".TH FIELDFARE 1 " + date() + " \"" + main.version()[0] + "\" \"User Commands\"");
        line(".SH NAME");
        line("fieldfare \\- classifies pictures, and learns to, on small devices");
        line(".SH SYNOPSIS");
        line(".B fieldfare");
        line(".I COMMAND");
        line("[options]");
        line(".SH DESCRIPTION");
        text(main.usageMessage().description());
        line("It loads an ONNX image classifier, watches a camera, and fine-tunes the classifier on the device"
                + " itself, inside");
        line("a memory budget that it works out before it starts.");
        line(".SH OPTIONS");
        line("These go with every command.");
        main.options().forEach(this::argument);
        line(".SH COMMANDS");
        commands(fieldfare).forEach(this::command);
        page.append(ENDING);
        return page.toString();
    }

    private static LocalDate date() {
        String epoch = System.getenv().getOrDefault("SOURCE_DATE_EPOCH", "");
        Instant instant = epoch.isEmpty() ? Instant.now() : Instant.ofEpochSecond(Long.parseLong(epoch));
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }

    /** Those that do something, in the order of {@code --help}. */
    private static Stream<CommandLine> commands(CommandLine command) {
        return command.getSubcommands().isEmpty()
                ? Stream.of(command)
                : command.getSubcommands().values().stream().flatMap(ManPage::commands);
    }

    private void command(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        List<OptionSpec> options =
                spec.options().stream().filter(option -> !option.inherited()).toList();
        String required = Stream.concat(
                        options.stream().filter(OptionSpec::required).map(ManPage::names),
                        spec.positionalParameters().stream().map(ManPage::names))
                .collect(Collectors.joining(" "));
        line(".SS " + escaped(spec.qualifiedName() + (required.isEmpty() ? "" : " " + required)));
        text(spec.usageMessage().description());
        spec.positionalParameters().forEach(this::argument);
        options.forEach(this::argument);
    }

    private void argument(ArgSpec argument) {
        if (argument.hidden()) {
            return;
        }
        line(".TP");
        line(".B " + escaped(names(argument)));
        text(argument.description());
    }

    /** As one writes it: {@code -m, --model=MODEL}. */
    private static String names(ArgSpec argument) {
        String label = argument.paramLabel();
        return switch (argument) {
            case PositionalParamSpec several when several.arity().max() > 1 -> label + "...";
            case OptionSpec option ->
                String.join(", ", option.names()) + (option.arity().max() > 0 ? "=" + label : "");
            default -> label;
        };
    }

    private void text(String[] lines) {
        Arrays.stream(lines)
                .flatMap(each -> String.format(each).lines())
                .map(ManPage::escaped)
                .forEach(this::line);
    }

    /** For roff, in which a backslash, a hyphen that is one, and a point or an apostrophe at the beginning are special. */
    private static String escaped(String text) {
        String inside = text.replace("\\", "\\e").replace("-", "\\-");
        return inside.startsWith(".") || inside.startsWith("'") ? "\\&" + inside : inside;
    }

    private void line(String line) {
        page.append(line).append('\n');
    }
}
