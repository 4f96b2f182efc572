package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The two passes over the pictures: once to see them all and divide them, once more for views to train on. */
final class Preparation {
    private final ClassifierModel parent;
    private final LabelledPictures found;
    private final MemoryPlan plan;
    private final TrainingSettings settings;
    private final Seed seed;
    private final FeatureCache features;
    private final Optional<FeatureCache> cuts;
    private final Looks looks;
    private final Workers workers;
    private final Checkpoints checkpoints;
    private final KeptLooks kept;
    private final TimeLimit time;
    private final Progress progress;
    private List<LabelledPicture> usable = List.of();

    Preparation(
            ClassifierModel parent,
            LabelledPictures found,
            MemoryPlan plan,
            TrainingSettings settings,
            Seed seed,
            FeatureCache features,
            Optional<FeatureCache> cuts,
            Looks looks,
            Workers workers,
            Checkpoints checkpoints,
            TimeLimit time,
            Progress progress) {
        this.parent = parent;
        this.found = found;
        this.plan = plan;
        this.settings = settings;
        this.seed = seed;
        this.features = features;
        this.cuts = cuts;
        this.looks = looks;
        this.workers = workers;
        this.checkpoints = checkpoints;
        this.kept = new KeptLooks(checkpoints.journal(), features, cuts);
        this.time = time;
        this.progress = progress;
    }

    PreparedPictures run() {
        FirstPass.Seen seen =
                new FirstPass(found, parent.preprocessing(), looks, kept, workers, checkpoints, time, progress).run();
        LabelledPictures usableOnly = seen.usable();
        usableOnly.requireEnough();
        usable = usableOnly.pictures();
        Groups groups = settings.split().by() == SplitSettings.By.SESSION && !usableOnly.isSplit()
                ? Groups.of(seen.traces())
                : Groups.single(usable.size());
        Split split = usableOnly.isSplit() ? asGiven() : divide(groups);
        int[] train = split.of(Side.TRAIN);
        int[] validation = split.of(Side.VALIDATION);
        int[] test = split.of(Side.TEST);
        // Validation pictures that also measure the finished model must never train it.
        boolean refit = settings.earlyStopping().refit() && test.length > 0;
        int views = affordableViews(train.length + (refit ? validation.length : 0));
        Examples trainExamples = new Examples(train, labelsOf(train), views);
        Examples validationExamples = new Examples(validation, labelsOf(validation), refit ? views : 0);
        CachedInputs featureInputs = new CachedInputs(features);
        Optional<CachedInputs> cutInputs = cuts.map(CachedInputs::new);
        checkpoints.prepared(seen.sha256(), views);
        Examples changing = refit ? trainExamples.and(validationExamples) : trainExamples;
        change(changing, featureInputs, cutInputs);
        List<LabelledPicture> heldBack = Arrays.stream(test.length > 0 ? test : validation)
                .mapToObj(usable::get)
                .toList();
        TrainingReport.Data summary = new TrainingReport.Data(
                found.folder().toString(),
                usable.size(),
                train.length,
                validation.length,
                test.length,
                groups.sessions(),
                groups.nearDuplicates(),
                seen.skipped(),
                usableOnly.isSplit()
                        ? "as the folder is split"
                        : "by " + settings.split().by().name().toLowerCase(Locale.ROOT));
        return new PreparedPictures(
                found.labels(),
                usable,
                trainExamples,
                validationExamples,
                featureInputs,
                cutInputs,
                refit,
                heldBack,
                summary,
                groups,
                seen.sha256());
    }

    private Split asGiven() {
        Side[] sides = usable.stream()
                .map(picture -> Objects.requireNonNull(picture.given()))
                .toArray(Side[]::new);
        // Without validation pictures nothing could say when to stop: then the test pictures must.
        boolean noValidation = Arrays.stream(sides).noneMatch(side -> side == Side.VALIDATION);
        if (noValidation) {
            Arrays.setAll(sides, i -> sides[i] == Side.TEST ? Side.VALIDATION : sides[i]);
        }
        Split split = new Split(sides, List.of());
        for (String label : found.labels()) {
            int index = found.labels().indexOf(label);
            if (Arrays.stream(split.of(Side.TRAIN))
                    .noneMatch(picture -> usable.get(picture).label() == index)) {
                throw new FieldfareException(found.folder() + " is split into train and val folders, but '" + label
                        + "' has no picture to train on; put some into its train folder, or give the folders of"
                        + " labels without the split");
            }
        }
        if (split.of(Side.TRAIN).length == 0 || split.of(Side.VALIDATION).length == 0) {
            throw new FieldfareException(
                    found.folder() + " is split into train and val folders, but one of them has no "
                            + "picture that can be used; fill it, or give the folders of labels without the split");
        }
        return split;
    }

    private Split divide(Groups groups) {
        IntFunction<String> name =
                i -> found.labels().get(usable.get(i).label()) + "/" + FirstPass.nameOf(usable.get(i));
        int[] labels = usable.stream().mapToInt(LabelledPicture::label).toArray();
        Split split = Split.of(name, labels, found.labels().size(), groups, settings.split(), seed);
        for (int label : split.torn()) {
            progress.note("all pictures of '" + found.labels().get(label)
                    + "' seem to come from one session: some of it is held back all the same, and the measured "
                    + "accuracy will flatter. Take pictures of it at another time, in another place, too");
        }
        return split;
    }

    /** How many changed views of so many pictures the time allows. */
    private int affordableViews(int pictures) {
        int count = checkpoints.views().orElseGet(() -> time.affordable(plan.views(), pictures));
        if (count < plan.views()) {
            progress.note("the time allows " + count + " instead of " + plan.views() + " changed views a picture");
        }
        return count;
    }

    /** Looks again at pictures, as often as there are changed views of them. */
    private void change(Examples examples, CachedInputs featureInputs, Optional<CachedInputs> cutInputs) {
        if (examples.views() == 0) {
            return;
        }
        List<Noise.OnPicture> noises = settings.augment().noises();
        try (Progress.Task task = progress.start("looking again, changed", examples.count())) {
            for (int i = 0; i < examples.count(); i++) {
                int picture = examples.pictures()[i];
                List<String> of = List.of("views", Integer.toString(picture), Integer.toString(examples.views()));
                Optional<KeptLooks.Kept> known = kept.recall(of);
                if (known.isPresent()) {
                    changed(picture, known.get().rows(), featureInputs, cutInputs);
                    continue;
                }
                Picture decoded = OneAtATime.read(
                        usable.get(picture).file(), parent.preprocessing().wantedShortSide());
                List<Looks.Look> changed = workers.all(IntStream.rangeClosed(1, examples.views())
                        .<Callable<Looks.Look>>mapToObj(
                                v -> () -> looks.look(decoded, Glance.draw(noises, seed, picture, v)))
                        .toList());
                changed(picture, kept.keep(of, List.of(), changed), featureInputs, cutInputs);
                task.at(i + 1L, "");
                checkpoints.looking();
            }
        }
    }

    private static void changed(int picture, int[] rows, CachedInputs featureInputs, Optional<CachedInputs> cutInputs) {
        featureInputs.changed(picture, rows);
        cutInputs.ifPresent(inputs -> inputs.changed(picture, rows));
    }

    private int[] labelsOf(int[] pictures) {
        return Arrays.stream(pictures)
                .map(picture -> usable.get(picture).label())
                .toArray();
    }
}
