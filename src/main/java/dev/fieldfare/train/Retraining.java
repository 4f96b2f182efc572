package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.board.ProcessMemory;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Comparison;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One retraining of a model, from a folder of labelled pictures to a promoted version. */
public final class Retraining {
    private static final int MISTAKES_IN_REPORT = 50;

    /** How often it is noted how far the training has come, unless somebody says otherwise. */
    public static final Duration CHECKPOINTS = Checkpoints.EVERY;

    /** So often a device begins a retraining and goes on with it, without being told to. */
    private static final int MOST_STARTS = 3;

    private final ClassifierModel parent;
    private final Path dataFolder;
    private final ModelStore store;
    private final TrainingSettings settings;
    private final String program;
    private final InstantSource clock;
    private final Progress progress;
    private final Duration every;
    private String appendix = "";

    /**
     * @param parent what the new model is made from
     * @param store where it goes
     * @param program name and version of this program, for the provenance
     * @param clock for time limits and durations only: nothing of it goes into the model
     */
    public Retraining(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            String program,
            InstantSource clock,
            Progress progress) {
        this(parent, dataFolder, store, settings, program, Checkpoints.EVERY, clock, progress);
    }

    /** @param every at least so long between two times that it is noted how far the training has come */
    public Retraining(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            String program,
            Duration every,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.dataFolder = dataFolder;
        this.store = store;
        this.settings = settings;
        this.program = program;
        this.clock = clock;
        this.progress = progress;
        this.every = every;
    }

    /**
     * Plans, trains, measures, and promotes the new model if it is better than the one in use.
     *
     * @throws FieldfareException if the pictures do not suffice, the budget is too small, or training diverges; the model
     *     in use is then as it was
     */
    public TrainingReport run() {
        requireAverageable();
        Checkpoints checkpoints = Checkpoints.open(store.training(), key(), every, clock, progress);
        try {
            return run(checkpoints);
        } catch (FieldfareException e) {
            // It ended by itself and would so again; and where the disk is full, this makes room.
            checkpoints.clear();
            throw e;
        }
    }

    private TrainingReport run(Checkpoints checkpoints) {
        Instant start = checkpoints.started();
        Optional<Instant> deadline = settings.minutes() > 0
                ? Optional.of(start.plus(Duration.ofMillis((long) (60_000 * settings.minutes()))))
                : Optional.empty();
        try (Workbench bench =
                Workbench.open(parent, dataFolder, store, settings, deadline, 0, checkpoints, clock, progress)) {
            return finish(bench, bench.train(settings, deadline), start);
        }
    }

    /** What must be the same for a retraining to go on where another one was interrupted, besides the pictures. */
    private String key() {
        Sha256 key = new Sha256();
        key.add(Sha256.of(parent.file()) + parent.card().toJson());
        key.add(StrictYaml.toJson(settings) + settings.effectiveThreads() + program);
        return key.finish();
    }

    /**
     * Whether a retraining into a folder was interrupted that can be gone on with. One that was begun again and again is
     * none: it may be what interrupts it, say because the power supply is too weak for it.
     */
    public static boolean isInterrupted(Path folder) {
        int starts = Checkpoints.starts(ModelStore.training(folder));
        return starts > 0 && starts < MOST_STARTS;
    }

    /**
     * The same with what has been rehearsed on a bench already; closes it.
     *
     * @param more sections of the report, see {@link ReportPage#html}
     */
    public TrainingReport run(Workbench bench, Rehearsal rehearsal, String more) {
        requireAverageable();
        appendix = more;
        return finish(bench, List.of(rehearsal.trained()), clock.instant());
    }

    private TrainingReport finish(Workbench bench, List<Trained> trained, Instant start) {
        MemoryPlan plan = bench.plan(settings);
        Finish.Finished finished;
        try (bench) {
            finished = new Finish(
                            parent,
                            bench.prepared(),
                            settings,
                            provenance(bench.prepared(), plan),
                            plan.featureWidth(),
                            bench.work(),
                            clock,
                            progress)
                    .finish(trained);
        }
        return judge(finished, bench.modelToBeat(), bench.prepared(), trained, plan, start);
    }

    /** What the new model is to be averaged over must be in it in the end: said now, and not after hours of training. */
    private void requireAverageable() {
        Averaging averaging = Averaging.parse(settings.average());
        // What stands before the old last layer goes with it, and other layers may turn out not to be trained.
        Set<String> noises =
                new TreeSet<>(NoisyModel.noises(parent.trunk().model().graph()));
        if (new HeadNoise(settings.noise()).beforeClassifier().rate() > 0) {
            noises.add("dropout");
        }
        for (String noise : averaging.noises().keySet()) {
            if (!noises.contains(noise)) {
                throw new FieldfareException("average: " + settings.average() + ": there will be no " + noise
                        + " in the new model that could be sampled; set noise.dropout, with classifier among"
                        + " noise.dropoutBefore, or leave it out of average");
            }
        }
        boolean several = settings.ensemble().members() > 1
                && settings.ensemble().combine() == EnsembleSettings.Combine.PROBABILITIES;
        if (averaging.members() && !several) {
            throw new FieldfareException("average: " + settings.average() + ": the new model will have no members; set"
                    + " ensemble.members to 2 or more, with combine: probabilities, or leave it out of average");
        }
    }

    /** Everything that the new model depends on, and nothing else: the same inputs must give the same file. */
    private Map<String, Object> provenance(PreparedPictures prepared, MemoryPlan plan) {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("parent", Sha256.of(parent.file()));
        provenance.put("data", prepared.sha256());
        provenance.put("seed", settings.seed());
        provenance.put("settings", StrictYaml.toMap(settings.withTrain(plan.train())));
        provenance.put("program", program);
        return provenance;
    }

    private TrainingReport judge(
            Finish.Finished finished,
            Optional<ClassifierModel> incumbent,
            PreparedPictures prepared,
            List<Trained> members,
            MemoryPlan plan,
            Instant start) {
        // The report shows the curves of the first.
        Trained trained = members.getFirst();
        Examination examined = finished.examined();
        Averaging averaged = finished.averaged();
        Examination old = incumbent
                .map(model -> Examination.of(
                        List.of(model),
                        prepared.labels(),
                        prepared.heldBack(),
                        List.of(Averaging.NONE),
                        settings.effectiveThreads(),
                        clock,
                        "checking the old model",
                        progress))
                .orElse(null);
        Comparison comparison = old == null
                ? null
                : Comparison.of(examined.truth(), old.looks(Averaging.NONE), examined.looks(Averaging.NONE));
        boolean promoted = comparison == null || comparison.better();
        String reason = comparison == null ? "there was no model for these labels before" : comparison.reason();
        String version = store.nextVersion();
        Path target = promoted
                ? store.folder().resolve(ModelStore.MODEL)
                : store.version(version).resolve(ModelStore.MODEL);
        List<TrainingReport.Mistake> mistakes = mistakes(examined);
        TrainingReport report = new TrainingReport(
                version,
                target.toString(),
                parent.file().toString(),
                prepared.labels(),
                (members.size() > 1 ? members.size() + " members of " : "") + trainable(trained, plan),
                members.stream().mapToLong(Trained::numbers).sum(),
                new TrainingReport.Memory(
                        plan.budgetBytes(),
                        plan.plannedBytes(),
                        ProcessMemory.peak().orElse(0),
                        plan.items()),
                prepared.summary(),
                trained.epochs(),
                trained.stopped(),
                trained.best(),
                examined.evaluation(Averaging.NONE),
                averaged.equals(Averaging.NONE) ? null : examined.evaluation(averaged),
                old == null ? null : old.evaluation(Averaging.NONE),
                comparison,
                promoted,
                reason,
                finished.calibration(),
                finished.unknown(),
                mistakes,
                StrictYaml.toMap(settings.withTrain(plan.train())),
                Duration.between(start, clock.instant()).toMillis() / 1000.0,
                settings.seed());
        Map<String, byte[]> thumbnails = thumbnails(report);
        ReportFile.write(store.unfinished(), report, thumbnails, appendix);
        store.complete(version, "retrained from " + parent.file());
        if (promoted) {
            store.promote(version);
        }
        ReportFile.write(store.folder(), report, thumbnails, appendix);
        return report;
    }

    /** What is new in the model, which may be less than was planned. */
    private static String trainable(Trained trained, MemoryPlan plan) {
        List<String> tensors = new ArrayList<>();
        trained.suffix().parameters().forEach(parameter -> tensors.add(parameter.name() + " " + parameter.shape()));
        int classes = trained.layer().bias().length;
        tensors.add(HeadGraph.WEIGHT + " [" + classes + " x " + plan.featureWidth() + "]");
        tensors.add(HeadGraph.BIAS + " [" + classes + "]");
        TrainSpec spec = trained.suffix().isEmpty() ? new TrainSpec.Last() : plan.train();
        return spec.spec() + ": " + String.join(", ", tensors);
    }

    private static List<TrainingReport.Mistake> mistakes(Examination examined) {
        List<TrainingReport.Mistake> mistakes = new ArrayList<>();
        List<float[]> looks = examined.looks(Averaging.NONE);
        for (int i = 0; i < looks.size(); i++) {
            float[] look = looks.get(i);
            int best = 0;
            for (int c = 1; c < look.length; c++) {
                best = look[c] > look[best] ? c : best;
            }
            int truth = examined.truth()[i];
            if (best != truth) {
                mistakes.add(new TrainingReport.Mistake(
                        examined.pictures().get(i).file().toString(),
                        examined.labels().get(truth),
                        examined.labels().get(best),
                        look[best]));
            }
        }
        mistakes.sort(Comparator.comparingDouble(mistake -> -mistake.probability()));
        return mistakes.stream().limit(MISTAKES_IN_REPORT).toList();
    }

    private static Map<String, byte[]> thumbnails(TrainingReport report) {
        Map<String, byte[]> thumbnails = new LinkedHashMap<>();
        for (TrainingReport.Mistake mistake : ReportFile.shown(report.mistakes())) {
            thumbnails.put(mistake.file(), Thumbnail.of(Path.of(mistake.file())));
        }
        return thumbnails;
    }
}
