package dev.fieldfare.train;

import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Evaluation;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Labelled pictures on the bench: looked at once by the frozen network and divided, with what it made of them in caches,
 * so that any number of trainings can work on them.
 */
public final class Workbench implements AutoCloseable {
    private final ClassifierModel parent;
    private final ModelStore store;
    private final LabelledPictures found;
    private final Optional<ClassifierModel> incumbent;
    private final Plans plans;
    private final MemoryPlan plan;
    private final Path work;
    private final FeatureCache features;
    private final MaybeCache cuts;
    private final PreparedPictures prepared;
    private final Checkpoints checkpoints;
    private final double secondsPerLook;
    private final InstantSource clock;
    private final Progress progress;

    private Workbench(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            Optional<Instant> deadline,
            long trialBytes,
            Checkpoints checkpoints,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.store = store;
        this.checkpoints = checkpoints;
        this.clock = clock;
        this.progress = progress;
        this.found = LabelledPictures.scan(dataFolder);
        found.requireEnough();
        // Before the work and not after it: a model in use that cannot be read should not cost a whole training.
        this.incumbent = incumbent();
        int shortSide = parent.preprocessing().wantedShortSide();
        PictureReader.Needs decoding = found.pictures().stream()
                .map(picture -> PictureReader.needs(picture.file(), shortSide))
                .reduce(PictureReader.Needs.NOTHING, PictureReader.Needs::or);
        this.work = store.begin();
        // What was chosen before an interruption is not chosen again: a trial of the speed might end otherwise.
        this.plans = Plans.choose(
                parent,
                found,
                checkpoints.train().map(settings::withTrain).orElse(settings),
                store.folder().toFile().getUsableSpace() + checkpoints.bytes(),
                new MemoryNeeds.AlsoHeld(decoding, incumbent, trialBytes),
                work,
                clock);
        this.plan = plans.chosen();
        progress.note("plan: train " + plan.train().inWords() + " (" + plan.parameters() + " numbers) in "
                + MemorySize.format(plan.plannedBytes()) + " of memory (" + plan.inWords() + "), batch "
                + plan.portions().batch()
                + (plan.portions().microBatches() > 1
                        ? " as micro-batches of " + plan.portions().microBatch()
                        : "")
                + ", " + (1 + plan.views()) + " views a picture");
        JavaHeap.settle();
        TimeLimit time = new TimeLimit(deadline, clock);
        checkpoints.planned(plan);
        Path kept = checkpoints.folder();
        this.features = FeatureCache.open(kept.resolve("features.f32"), plan.featureWidth(), checkpoints.isKept());
        try {
            this.cuts = MaybeCache.of(kept.resolve("cut.f32"), plan, checkpoints.isKept());
            try {
                this.prepared = PreparedPictures.prepare(
                        parent,
                        found,
                        plan,
                        settings,
                        new Seed(settings.seed()),
                        features,
                        cuts.cache(),
                        work,
                        checkpoints,
                        time,
                        progress);
                this.secondsPerLook = time.secondsPerLook();
            } catch (RuntimeException | Error e) {
                cuts.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            features.close();
            throw e;
        }
    }

    /**
     * Looks at all pictures.
     *
     * @param parent what the new model is made from
     * @param store where it goes
     * @param settings what is to be trained, and from which views
     * @param deadline when all has to be done; looking leaves time for training
     * @param trialBytes memory to leave free for what many trainings on the bench leave behind
     * @param clock for time limits and durations only: nothing of it goes into the model
     * @throws dev.fieldfare.FieldfareException if the pictures do not suffice or the budget is too small
     */
    public static Workbench open(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            Optional<Instant> deadline,
            long trialBytes,
            InstantSource clock,
            Progress progress) {
        Checkpoints none = Checkpoints.none(store.begin(), clock);
        return open(parent, dataFolder, store, settings, deadline, trialBytes, none, clock, progress);
    }

    /**
     * The same, going on from what an interrupted retraining left.
     *
     * @param checkpoints that are closed with it
     */
    static Workbench open(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            Optional<Instant> deadline,
            long trialBytes,
            Checkpoints checkpoints,
            InstantSource clock,
            Progress progress) {
        try {
            return new Workbench(
                    parent, dataFolder, store, settings, deadline, trialBytes, checkpoints, clock, progress);
        } catch (RuntimeException | Error e) {
            checkpoints.close();
            throw e;
        }
    }

    /** The model to beat: the one in use in the folder, else the parent, if it knows these labels. */
    private Optional<ClassifierModel> incumbent() {
        List<String> labels = found.labels();
        store.upkeep().repair(progress::note);
        ClassifierModel candidate = store.current()
                .map(file -> ClassifierModel.open(file, CardDocument.EMPTY))
                .filter(model -> Examination.knows(model, labels))
                .orElse(parent);
        return Examination.knows(candidate, labels) ? Optional.of(candidate) : Optional.empty();
    }

    /**
     * Trains one network or the members of an ensemble.
     *
     * @param settings of which {@code train} is what the pictures were looked at for, or shallower
     */
    List<Trained> train(TrainingSettings settings, Optional<Instant> deadline) {
        List<MemoryPlan> members = plans.ofMembers(settings);
        boolean cycles =
                settings.ensemble().members() > 1 && settings.ensemble().by() == EnsembleSettings.By.SNAPSHOTS;
        List<Trained> trained = new Members(settings.ensemble(), progress)
                .train(new Seed(settings.seed()), prepared, (seed, pictures, from, left) -> {
                    int number = members.size() - left;
                    TrainingSettings own = cycles ? settings.ofCycle(members.size()) : settings.ofMember(number);
                    Instant now = clock.instant();
                    // What time is left is shared by those that are still to be trained.
                    Optional<Instant> until = deadline.map(
                            end -> now.plus(Duration.between(now, end).dividedBy(left)));
                    PreparedPictures dealt = cycles ? pictures.withoutRefit() : pictures;
                    return new Course(
                                    parent, dealt, members.get(number), own, seed, until, checkpoints, clock, progress)
                            .run(features, work, from);
                });
        checkpoints.trained();
        return trained;
    }

    /** The labels, by their numbers. */
    public List<String> labels() {
        return prepared.labels();
    }

    /** The numbers of the pictures that may be learnt from and measured on: all but those that are held back. */
    public int[] development() {
        return prepared.development().pictures();
    }

    /** The number of a picture's label. */
    public int label(int picture) {
        return prepared.usable().get(picture).label();
    }

    /** Where a picture lies. */
    public Path file(int picture) {
        return prepared.usable().get(picture).file();
    }

    /** Of all labels, file names and files. */
    public String sha256() {
        return prepared.sha256();
    }

    /** How many pictures are held back from all of this. */
    public int heldBack() {
        return prepared.heldBack().size();
    }

    /** How many changed views there are of each picture. */
    public int views() {
        return prepared.development().views();
    }

    /** How many features a picture has before the last layer. */
    public int width() {
        return plan.featureWidth();
    }

    /** The deepest that attempts can train here. */
    public String deepest() {
        return isDeeper() ? plan.train().spec() : "last";
    }

    /** How long it will take about to measure a new model on the held-back pictures, once and with averaged looks. */
    public double secondsToCheck(TrainingSettings settings) {
        int looks = 2
                + Averaging.parse(settings.average())
                        .views(parent.preprocessing())
                        .size();
        return secondsPerLook * heldBack() * looks;
    }

    /** Whether anything but the last layer can be trained here by attempts, which read only what is cached. */
    public boolean isDeeper() {
        return !plan.suffix().isEmpty() && plan.cached();
    }

    /** How many attempts may run at the same time within the budget, 1 up to the threads of the settings. */
    public int sideBySide(TrainingSettings settings) {
        return plans.sideBySide(settings.effectiveThreads());
    }

    /**
     * Divides the development pictures into folds, see {@link Folds}.
     *
     * @param count how many, at least 2
     * @param repeat which of several ways of dividing
     */
    public List<Fold> folds(int count, Seed seed, int repeat) {
        Examples development = prepared.development();
        Map<Integer, Integer> groupOf = new HashMap<>();
        List<List<Integer>> groups = prepared.groups().members();
        IntStream.range(0, groups.size()).forEach(i -> groups.get(i).forEach(picture -> groupOf.put(picture, i)));
        return new Folds(development.pictures(), development.labels(), labels().size(), count)
                .of(groupOf, seed, repeat);
    }

    /**
     * Trains without keeping anything, for all epochs, by one thread; several threads may call at once.
     *
     * @param settings of which {@code train} is no deeper than what the pictures were looked at for
     */
    public Attempt attempt(TrainingSettings settings, Fold fold) {
        MemoryPlan own = plan(settings).alone();
        int views = Math.min(settings.augment().views(), views());
        try {
            Trained trained = new Course(
                            parent,
                            prepared.dealt(fold, views),
                            own,
                            settings.untilTheEnd(),
                            new Seed(settings.seed()),
                            Optional.empty(),
                            Slots.NONE,
                            clock,
                            Progress.SILENT)
                    .run(features, work, Optional.empty());
            return new Attempt(trained.epochs(), trained.answers());
        } catch (Diverged e) {
            return Attempt.DIVERGED;
        }
    }

    /**
     * Trains as a retraining would and measures on the held-back pictures, by one look each, without looking again.
     *
     * @param settings of one network: members of an ensemble are not rehearsed
     */
    public Rehearsal rehearse(TrainingSettings settings, Optional<Instant> deadline) {
        if (settings.ensemble().members() > 1) {
            throw new IllegalArgumentException("an ensemble");
        }
        Trained trained = train(settings, deadline).getFirst();
        MemoryPlan own = plan(settings).alone();
        return Rehearsal.of(settings, trained, own, prepared);
    }

    /** What the frozen network makes of a picture. */
    public float[] features(int picture) {
        FloatBuffer buffer = FloatBuffer.allocate(width());
        prepared.features().read(picture, 0, 0, buffer);
        return buffer.array();
    }

    /** Pictures whose labels may be wrong, from attempts on all folds of one round. */
    public List<Suspect> suspects(List<Fold> folds, List<Attempt> attempts) {
        List<LabelledPicture> pictures = folds.stream()
                .flatMapToInt(fold -> IntStream.of(fold.validation()))
                .mapToObj(prepared.usable()::get)
                .toList();
        return Suspect.among(
                Answers.joined(attempts.stream().map(Attempt::answers).toList()), pictures, labels());
    }

    /** The highest learning rate that settings mean for the last layer, where they leave it to the program, too. */
    public double learningRate(TrainingSettings settings) {
        return settings.optimizer().peakLearningRate(width());
    }

    /** The same for layers before the last. */
    public double suffixLearningRate(TrainingSettings settings) {
        return settings.optimizer().suffixLearningRate(settings.suffix(), width());
    }

    /**
     * What the model that is in use says of pictures.
     *
     * @return empty if there is none that knows these labels
     */
    public Optional<Evaluation> modelInUse(int[] pictures, int threads) {
        return incumbent.map(model -> Examination.of(
                        List.of(model),
                        labels(),
                        IntStream.of(pictures).mapToObj(prepared.usable()::get).toList(),
                        List.of(Averaging.NONE),
                        threads,
                        clock,
                        "asking the model in use",
                        progress)
                .evaluation(Averaging.NONE));
    }

    PreparedPictures prepared() {
        return prepared;
    }

    /** What settings train, as deep as the pictures were looked at for, or shallower. */
    MemoryPlan plan(TrainingSettings settings) {
        return plans.of(settings);
    }

    Optional<ClassifierModel> modelToBeat() {
        return incumbent;
    }

    /** A folder for files that the new version is made of. */
    Path work() {
        return work;
    }

    @Override
    public void close() {
        try {
            cuts.close();
        } finally {
            features.close();
            checkpoints.close();
        }
    }
}
