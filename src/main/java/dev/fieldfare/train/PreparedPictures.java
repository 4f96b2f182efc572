package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.image.CaptureTime;
import dev.fieldfare.image.DifferenceHash;
import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Labelled pictures as training needs them: looked at by the trunk, divided, with the views of the training ones.
 *
 * @param usable the pictures that could be read; all else here calls them by their numbers in this list
 * @param train what trains
 * @param validation what says when to stop
 * @param features of all views, before the last layer
 * @param cuts the same at the cut, where these are kept
 * @param refit whether the validation pictures may train, too, once that is known
 * @param heldBack the pictures that measure the finished model; the validation pictures where a folder holds none back
 * @param groups of pictures that belong together, by their numbers
 * @param sha256 of all labels, file names and files, whatever folder they lie in
 */
record PreparedPictures(
        List<String> labels,
        List<LabelledPicture> usable,
        Examples train,
        Examples validation,
        CachedInputs features,
        Optional<CachedInputs> cuts,
        boolean refit,
        List<LabelledPicture> heldBack,
        TrainingReport.Data summary,
        Groups groups,
        String sha256) {

    /** The same with the training pictures that a member of an ensemble draws. */
    PreparedPictures resampled(Noise.OnMember noise, RandomGenerator random) {
        return new PreparedPictures(
                labels,
                usable,
                train.resampled(noise, random),
                validation,
                features,
                cuts,
                refit,
                heldBack,
                summary,
                groups,
                sha256);
    }

    /** The same without a second training on the validation pictures. */
    PreparedPictures withoutRefit() {
        return new PreparedPictures(
                labels, usable, train, validation, features, cuts, false, heldBack, summary, groups, sha256);
    }

    /** Everything but what is held back, with as many changed views of each as all have. */
    Examples development() {
        return refit ? train.and(validation) : train;
    }

    /** What is held back, to be measured on. */
    Examples heldBackExamples() {
        return examples(heldBack.stream().mapToInt(usable::indexOf).toArray(), 0);
    }

    /** The same for a training on some of these pictures that others of them measure. */
    PreparedPictures dealt(Fold fold, int views) {
        return new PreparedPictures(
                labels,
                usable,
                examples(fold.train(), views),
                examples(fold.validation(), 0),
                features,
                cuts,
                false,
                heldBack,
                summary,
                groups,
                sha256);
    }

    private Examples examples(int[] pictures, int views) {
        return new Examples(
                pictures,
                Arrays.stream(pictures)
                        .map(picture -> usable.get(picture).label())
                        .toArray(),
                views);
    }

    /**
     * Looks at the pictures and divides them.
     *
     * @param features takes the features of all views
     * @param cuts takes the values at the cut, where these are kept
     * @param work a folder for files that are gone when this returns
     * @param checkpoints what an interrupted retraining found out about the pictures
     */
    static PreparedPictures prepare(
            ClassifierModel parent,
            LabelledPictures found,
            MemoryPlan plan,
            TrainingSettings settings,
            Seed seed,
            FeatureCache features,
            Optional<FeatureCache> cuts,
            Path work,
            Checkpoints checkpoints,
            TimeLimit time,
            Progress progress) {
        try (Looks looks = looks(parent, plan, work);
                Workers workers = new Workers(plan.lookers())) {
            return new Preparation(
                            parent,
                            found,
                            plan,
                            settings,
                            seed,
                            features,
                            cuts,
                            looks,
                            workers,
                            checkpoints,
                            time,
                            progress)
                    .run();
        }
    }

    private static Looks looks(ClassifierModel parent, MemoryPlan plan, Path work) {
        return plan.cached() ? Looks.of(parent, plan.suffix(), work) : Looks.of(parent, plan.featureWidth(), work);
    }

    /** The two passes over the pictures: once to see them all and divide them, once more for views to train on. */
    private static final class Preparation {
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
        private final List<LabelledPicture> usable = new ArrayList<>();
        private final List<Groups.Trace> traces = new ArrayList<>();
        private final List<TrainingReport.Skipped> skipped = new ArrayList<>();

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
            String sha256 = lookOnce();
            LabelledPictures usableOnly = new LabelledPictures(found.folder(), found.labels(), usable);
            usableOnly.requireEnough();
            Groups groups = settings.split().by() == SplitSettings.By.SESSION && !usableOnly.isSplit()
                    ? Groups.of(traces)
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
            checkpoints.prepared(sha256, views);
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
                    skipped,
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
                    sha256);
        }

        /**
         * What one picture is found to be, or why it cannot be used.
         *
         * @param sha256 of the file; empty where that cannot be read
         * @param broken why it cannot be used; empty where it can
         */
        private record Sight(Looks.@Nullable Look look, Groups.@Nullable Trace trace, String sha256, String broken) {}

        /** Decodes every picture once: its plain features, and what tells which pictures belong together. */
        private String lookOnce() {
            Sha256 hash = new Sha256();
            List<LabelledPicture> all = found.pictures();
            try (Progress.Task task = progress.start("looking at pictures", all.size())) {
                int recalled = recall(all, hash);
                time.begin();
                for (int start = recalled; start < all.size(); start += workers.count()) {
                    List<LabelledPicture> some = all.subList(start, Math.min(all.size(), start + workers.count()));
                    List<Sight> sights = workers.all(some.stream()
                            .<Callable<Sight>>map(picture -> () -> see(picture))
                            .toList());
                    for (int i = 0; i < some.size(); i++) {
                        task.at(start + i + 1L, "");
                        Sight sight = sights.get(i);
                        note(some.get(i), sight.trace(), sight, hash);
                        kept.keep(
                                of(some.get(i), sight.sha256()),
                                facts(sight),
                                sight.look() == null ? List.of() : List.of(sight.look()));
                    }
                    checkpoints.looking();
                }
                time.looked(all.size() - recalled);
            }
            return hash.finish();
        }

        /** Takes what an interrupted training found out about the first pictures; returns how many these are. */
        private int recall(List<LabelledPicture> all, Sha256 hash) {
            for (int i = 0; i < all.size(); i++) {
                LabelledPicture picture = all.get(i);
                String sha256 = sha256(picture);
                Optional<KeptLooks.Kept> known = kept.recall(of(picture, sha256));
                if (known.isEmpty()) {
                    return i;
                }
                Groups.Trace trace = known.get().rows().length == 0
                        ? null
                        : Groups.Trace.parse(nameOf(picture), known.get().facts());
                note(
                        picture,
                        trace,
                        new Sight(null, trace, sha256, known.get().facts().getFirst()),
                        hash);
            }
            return all.size();
        }

        /** Row and picture have one number, as only pictures that can be used have rows. */
        private void note(LabelledPicture picture, Groups.@Nullable Trace trace, Sight sight, Sha256 hash) {
            if (trace == null) {
                // One bad picture among thousands must not end the work; it is named in the report.
                skipped.add(new TrainingReport.Skipped(picture.file().toString(), sight.broken()));
                progress.note("skipped: " + sight.broken());
                return;
            }
            usable.add(picture);
            traces.add(trace);
            // Names count: the split follows them.
            hash.add(found.labels().get(picture.label()) + "/" + nameOf(picture) + "\n" + sight.sha256() + "\n");
        }

        private List<String> of(LabelledPicture picture, String sha256) {
            return List.of("look", found.labels().get(picture.label()) + "/" + nameOf(picture), sha256);
        }

        private static List<String> facts(Sight sight) {
            return sight.trace() == null
                    ? List.of(sight.broken())
                    : sight.trace().facts();
        }

        private static String sha256(LabelledPicture picture) {
            try {
                return Sha256.of(picture.file());
            } catch (FieldfareException unreadable) {
                return "";
            }
        }

        private Sight see(LabelledPicture picture) {
            Picture decoded;
            Groups.Trace trace;
            String sha256 = sha256(picture);
            try {
                decoded = OneAtATime.read(picture.file(), parent.preprocessing().wantedShortSide());
                trace = new Groups.Trace(nameOf(picture), CaptureTime.of(picture.file()), DifferenceHash.of(decoded));
            } catch (FieldfareException broken) {
                return new Sight(null, null, sha256, String.valueOf(broken.getMessage()));
            }
            // Outside of the try: a network that fails is not the picture's fault.
            return new Sight(looks.look(decoded, Glance.PLAIN), trace, sha256, "");
        }

        private static String nameOf(LabelledPicture picture) {
            return String.valueOf(picture.file().getFileName());
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
            List<String> names = usable.stream()
                    .map(picture -> found.labels().get(picture.label()) + "/" + nameOf(picture))
                    .toList();
            int[] labels = usable.stream().mapToInt(LabelledPicture::label).toArray();
            Split split = Split.of(names, labels, found.labels().size(), groups, settings.split(), seed);
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

        private static void changed(
                int picture, int[] rows, CachedInputs featureInputs, Optional<CachedInputs> cutInputs) {
            featureInputs.changed(picture, rows);
            cutInputs.ifPresent(inputs -> inputs.changed(picture, rows));
        }

        private int[] labelsOf(int[] pictures) {
            return Arrays.stream(pictures)
                    .map(picture -> usable.get(picture).label())
                    .toArray();
        }
    }
}
