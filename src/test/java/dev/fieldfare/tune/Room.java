package dev.fieldfare.tune;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Progress;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import dev.fieldfare.train.Workers;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;

/** A workbench with pictures on it, and all that a step of a search needs. */
final class Room implements AutoCloseable {
    static final TrainingSettings SETTINGS = StrictYaml.parse("""
        train: last
        epochs: 20
        threads: 1
        average: none
        augment: {views: 0}
        split: {by: picture, validation: 0.2, test: 0.2}
        """, TrainingSettings.DEFAULT, "test");

    static final DoublePredicate ALWAYS = seconds -> true;
    static final int FOLDS = 3;

    final Workbench bench;
    final Workers workers;
    final List<Trial> ended = new ArrayList<>();
    private final ModelStore store;
    private final Path folder;
    private final TrainingSettings asked;
    private int laboratories;

    private Room(ModelStore store, Workbench bench, Path folder, int workers, TrainingSettings asked) {
        this.asked = asked;
        this.store = store;
        this.bench = bench;
        this.folder = folder;
        this.workers = new Workers(workers);
    }

    static Room open(ClassifierModel parent, Path pictures, Path folder) {
        return open(parent, pictures, folder, 2);
    }

    static Room open(ClassifierModel parent, Path pictures, Path folder, int workers) {
        return open(parent, pictures, folder, workers, SETTINGS);
    }

    static Room open(ClassifierModel parent, Path pictures, Path folder, int workers, TrainingSettings settings) {
        ModelStore store = ModelStore.open(folder);
        try {
            Workbench bench = Workbench.open(
                    parent, pictures, store, settings, Optional.empty(), 0, InstantSource.system(), Progress.SILENT);
            return new Room(store, bench, folder, workers, settings);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /** The settings with something else, and with every learning rate said. */
    TrainingSettings base(Map<String, Object> values) {
        TrainingSettings settings = SearchSpace.apply(asked, values);
        return SearchSpace.apply(
                settings,
                Map.of(
                        "optimizer.learningRate", bench.learningRate(settings),
                        "suffix.learningRate", bench.suffixLearningRate(settings)));
    }

    /** A new one, which knows nothing yet. */
    /** Trials at full length, of which {@link #ended} is told. */
    FullTrials full(Laboratory laboratory) {
        return new FullTrials(laboratory, workers, ended::add);
    }

    Laboratory laboratory(TrainingSettings base, InstantSource clock) {
        Path file = folder.resolve("journal" + laboratories++);
        return new Laboratory(bench, base, FOLDS, 1, Journal.open(file, "{}"), clock);
    }

    /** What comes of settings in full. */
    Trial trial(TrainingSettings base) {
        Laboratory laboratory = laboratory(base, InstantSource.system());
        return laboratory.run(0, "coarse", Map.of(), 1, FOLDS);
    }

    RangeTest rates(TrainingSettings base) {
        return RangeTest.run(bench, base, bench.folds(FOLDS, new Seed(1), 0).getFirst(), workers);
    }

    @Override
    public void close() {
        workers.close();
        bench.close();
        store.close();
    }
}
