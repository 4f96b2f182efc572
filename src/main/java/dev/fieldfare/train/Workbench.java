package dev.fieldfare.train;

import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.noise.Seed;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
    private final MemoryNeeds.AlsoHeld alsoHeld;
    private final MemoryPlan plan;
    private final Path work;
    private final FeatureCache features;
    private final MaybeCache cuts;
    private final PreparedPictures prepared;
    private final Optional<Instant> deadline;
    private final InstantSource clock;
    private final Progress progress;

    private Workbench(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            Optional<Instant> deadline,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.store = store;
        this.deadline = deadline;
        this.clock = clock;
        this.progress = progress;
        this.found = LabelledPictures.scan(dataFolder);
        found.requireEnough();
        // Before the work and not after it: a model in use that cannot be read should not cost a whole training.
        this.incumbent = incumbent();
        long pictureBytes = found.pictures().stream()
                .mapToLong(picture -> PictureReader.bytesOutsideTheHeap(picture.file()))
                .max()
                .orElse(0);
        this.work = store.begin();
        this.alsoHeld = new MemoryNeeds.AlsoHeld(pictureBytes, incumbent);
        Planner planner = planner(settings);
        this.plan = planner.choose(new Trial(parent, found.labels().size(), planner.width(), settings, work, clock));
        progress.note("plan: train " + plan.train().inWords() + " (" + plan.parameters() + " numbers) in "
                + MemorySize.format(plan.plannedBytes()) + " of memory (" + plan.inWords() + "), batch "
                + plan.portions().batch()
                + (plan.portions().microBatches() > 1
                        ? " as micro-batches of " + plan.portions().microBatch()
                        : "")
                + ", " + (1 + plan.views()) + " views a picture");
        this.features = FeatureCache.create(work.resolve("features.f32"), plan.featureWidth());
        try {
            this.cuts = MaybeCache.of(work.resolve("cut.f32"), plan);
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
                        new TimeLimit(deadline, clock),
                        progress);
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
     * @param clock for time limits and durations only: nothing of it goes into the model
     * @throws dev.fieldfare.FieldfareException if the pictures do not suffice or the budget is too small
     */
    public static Workbench open(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings settings,
            InstantSource clock,
            Progress progress) {
        Optional<Instant> deadline = settings.minutes() > 0
                ? Optional.of(clock.instant().plus(Duration.ofMillis((long) (60_000 * settings.minutes()))))
                : Optional.empty();
        return new Workbench(parent, dataFolder, store, settings, deadline, clock, progress);
    }

    /** The model to beat: the one in use in the folder, else the parent, if it knows these labels. */
    private Optional<ClassifierModel> incumbent() {
        List<String> labels = found.labels();
        ClassifierModel candidate = store.current()
                .map(file -> ClassifierModel.open(file, CardDocument.EMPTY))
                .filter(model -> Examination.knows(model, labels))
                .orElse(parent);
        return Examination.knows(candidate, labels) ? Optional.of(candidate) : Optional.empty();
    }

    private Planner planner(TrainingSettings settings) {
        return new Planner(
                parent,
                found.labels().size(),
                found.pictures().size(),
                settings,
                store.folder().toFile().getUsableSpace(),
                alsoHeld);
    }

    /** Trains one network or the members of an ensemble. */
    List<Trained> train(TrainingSettings settings) {
        return new Members(settings.ensemble(), progress)
                .train(new Seed(settings.seed()), prepared, member(settings, memberPlans(settings)));
    }

    /** The plan of each member: as deep as the whole, with what its own settings need. */
    private List<MemoryPlan> memberPlans(TrainingSettings settings) {
        return IntStream.range(0, settings.ensemble().members())
                .mapToObj(settings::ofMember)
                .map(own -> own.equals(settings)
                        ? plan
                        : planner(own.withTrain(plan.train())).plan())
                .toList();
    }

    private Members.Training member(TrainingSettings settings, List<MemoryPlan> plans) {
        boolean cycles =
                settings.ensemble().members() > 1 && settings.ensemble().by() == EnsembleSettings.By.SNAPSHOTS;
        return (seed, pictures, from, left) -> {
            int number = plans.size() - left;
            TrainingSettings own = cycles ? settings.ofCycle(plans.size()) : settings.ofMember(number);
            Instant now = clock.instant();
            // What time is left is shared by those that are still to be trained.
            Optional<Instant> until =
                    deadline.map(end -> now.plus(Duration.between(now, end).dividedBy(left)));
            PreparedPictures dealt = cycles ? pictures.withoutRefit() : pictures;
            return new Course(parent, dealt, plans.get(number), own, seed, until, clock, progress)
                    .run(features, work, from);
        };
    }

    PreparedPictures prepared() {
        return prepared;
    }

    MemoryPlan plan() {
        return plan;
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
        }
    }
}
