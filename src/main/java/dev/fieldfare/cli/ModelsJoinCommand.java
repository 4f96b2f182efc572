package dev.fieldfare.cli;

import dev.fieldfare.files.Sha256;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Ensemble;
import dev.fieldfare.onnx.OnnxFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "join",
        description = "Makes an ensemble of models of the same labels: one file whose output is the mean of their"
                + " probabilities.")
final class ModelsJoinCommand implements Callable<Integer> {
    @ParentCommand
    ModelsCommand models = new ModelsCommand();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "2..*", paramLabel = "MODEL", description = "The members, each with its card.")
    List<Path> members = List.of();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The file to write; it must not exist.")
    @Nullable
    Path output;

    @Option(
            names = "--json",
            description = "Print the result as JSON on standard output; all else goes to standard error.")
    boolean json;

    @Override
    public Integer call() {
        Console console = models.main.console(json);
        Path file = Objects.requireNonNull(output);
        if (Files.exists(file)) {
            throw new ParameterException(spec.commandLine(), file + " exists; name a file that does not");
        }
        List<ClassifierModel> opened = members.stream()
                .map(member -> ClassifierModel.open(member, CardDocument.EMPTY))
                .toList();
        List<String> parents = members.stream().map(Sha256::of).toList();
        OnnxFile.write(Ensemble.of(opened, Map.of("members", parents)), file);
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("model", file.toString());
            document.put("members", parents);
            console.json(document);
        } else {
            console.print(file + ": an ensemble of " + opened.size() + " members");
        }
        return 0;
    }
}
