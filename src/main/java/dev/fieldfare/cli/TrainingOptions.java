package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.train.TrainingSettings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a training is asked to do: a configuration file, and options over it. */
final class TrainingOptions {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "CONFIG",
            description = "Settings (YAML); see the training guide for every key.")
    @Nullable
    Path config;

    @Option(names = "--budget", paramLabel = "SIZE", description = "Most memory of the whole process, such as 192M.")
    @Nullable
    String budget;

    @Option(
            names = "--train",
            paramLabel = "SPEC",
            description = "What is trained: auto, last, blocks:K, all, from:NODE, bias:K or sparse:W/B.")
    @Nullable
    String train;

    @Option(names = "--epochs", paramLabel = "N", description = "Most passes over the training pictures.")
    @Nullable
    Integer epochs;

    @Option(names = "--minutes", paramLabel = "N", description = "Longest time; 0 sets no limit.")
    @Nullable
    Double minutes;

    @Option(names = "--batch", paramLabel = "N", description = "Pictures a step; the plan may take fewer.")
    @Nullable
    Integer batch;

    @Option(names = "--average", paramLabel = "SPEC", description = "Averaged looks to measure, such as crops:5+flip.")
    @Nullable
    String average;

    TrainingSettings settings(RunOptions run) {
        TrainingSettings settings =
                config == null ? TrainingSettings.DEFAULT : StrictYaml.read(config, TrainingSettings.DEFAULT);
        Map<String, Object> options = new LinkedHashMap<>();
        put(options, "budget", budget);
        put(options, "train", train);
        put(options, "epochs", epochs);
        put(options, "minutes", minutes);
        put(options, "batch", batch);
        put(options, "average", average);
        put(options, "seed", run.seed);
        put(options, "threads", run.threads);
        try {
            return StrictYaml.override(settings, options, "the options");
        } catch (FieldfareException e) {
            throw run.wrong(e.getMessage());
        }
    }

    private static void put(Map<String, Object> options, String key, @Nullable Object value) {
        if (value != null) {
            options.put(key, value);
        }
    }
}
