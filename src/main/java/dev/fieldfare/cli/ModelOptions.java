package dev.fieldfare.cli;

import dev.fieldfare.model.ClassifierModel;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which model, and what its file does not say of it. */
final class ModelOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "MODEL",
            description =
                    "An ONNX file, or a folder of versions for the one in use. What it cannot say of itself comes from"
                        + " its metadata, from MODEL.yaml beside it, from --card or from the options below, the later"
                        + " ones winning. classify and evaluate take several, and average over them.")
    List<Path> models = List.of();

    @Mixin
    CardOptions card = new CardOptions();

    /** Opens the model; what had to be assumed is told. */
    ClassifierModel open(Console console) {
        if (models.size() != 1) {
            throw new ParameterException(
                    spec.commandLine(), "-m is given " + models.size() + " times; this takes one model");
        }
        return open(models.getFirst(), console);
    }

    /** Opens all that are named, to be averaged over; the options hold for each. */
    List<ClassifierModel> openAll(Console console) {
        return models.stream().map(file -> open(file, console)).toList();
    }

    private ClassifierModel open(Path file, Console console) {
        ClassifierModel opened = ClassifierModel.open(ModelFolder.file(file, console), card.document());
        opened.assumptions().forEach(assumption -> console.note(file + ": " + assumption + "; see --card"));
        return opened;
    }
}
