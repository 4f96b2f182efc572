package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.image.CaptureTime;
import dev.fieldfare.image.DifferenceHash;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Labelled pictures as training needs them: looked at by the trunk, divided, with the views of the training ones.
 *
 * @param train what trains
 * @param validation what says when to stop
 * @param refit whether the validation pictures may train, too, once that is known
 * @param heldBack the pictures that measure the finished model; the validation pictures where a folder holds none back
 * @param sha256 of all labels, file names and files, whatever folder they lie in
 */
record PreparedPictures(
        List<String> labels,
        HeadTrainer.Examples train,
        HeadTrainer.Examples validation,
        boolean refit,
        List<LabelledPicture> heldBack,
        TrainingReport.Data summary,
        String sha256) {

    static PreparedPictures prepare(
            ClassifierModel parent,
            LabelledPictures found,
            MemoryPlan plan,
            TrainingSettings settings,
            Seed seed,
            FeatureCache cache,
            Path work,
            TimeLimit time,
            Progress progress) {
        try (TrunkRunner trunk = new TrunkRunner(
                parent.trunk(),
                parent.preprocessing(),
                plan.featureWidth(),
                work.resolve("trunk.onnx"),
                settings.effectiveThreads())) {
            return new Preparation(parent, found, plan, settings, seed, cache, trunk, time, progress).run();
        }
    }

    /** The two passes over the pictures: once to see them all and divide them, once more for views to train on. */
    private static final class Preparation {
        private final ClassifierModel parent;
        private final LabelledPictures found;
        private final MemoryPlan plan;
        private final TrainingSettings settings;
        private final Seed seed;
        private final FeatureCache cache;
        private final TrunkRunner trunk;
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
                FeatureCache cache,
                TrunkRunner trunk,
                TimeLimit time,
                Progress progress) {
            this.parent = parent;
            this.found = found;
            this.plan = plan;
            this.settings = settings;
            this.seed = seed;
            this.cache = cache;
            this.trunk = trunk;
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
            HeadTrainer.Examples trainExamples = new HeadTrainer.Examples(views(train, views), labelsOf(train));
            HeadTrainer.Examples validationExamples =
                    new HeadTrainer.Examples(views(validation, refit ? views : 0), labelsOf(validation));
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
                    found.labels(), trainExamples, validationExamples, refit, heldBack, summary, sha256);
        }

        /** Decodes every picture once: its plain features, and what tells which pictures belong together. */
        private String lookOnce() {
            Sha256 hash = new Sha256();
            time.begin();
            try (Progress.Task task =
                    progress.start("looking at pictures", found.pictures().size())) {
                int done = 0;
                for (LabelledPicture picture : found.pictures()) {
                    task.at(++done, "");
                    Picture decoded;
                    Groups.Trace trace;
                    String line;
                    try {
                        decoded = PictureReader.read(
                                picture.file(), parent.preprocessing().wantedShortSide());
                        trace = new Groups.Trace(
                                nameOf(picture), CaptureTime.of(picture.file()), DifferenceHash.of(decoded));
                        // Names count: the split follows them.
                        line = found.labels().get(picture.label()) + "/" + nameOf(picture) + "\n"
                                + Sha256.of(picture.file()) + "\n";
                    } catch (FieldfareException broken) {
                        // One bad picture among thousands must not end the work; it is named in the report.
                        skipped.add(new TrainingReport.Skipped(picture.file().toString(), broken.getMessage()));
                        progress.note("skipped: " + broken.getMessage());
                        continue;
                    }
                    // Outside of the try: a full disk is not the picture's fault. Row and picture have one number.
                    cache.append(trunk.features(decoded, View.CENTRE));
                    usable.add(picture);
                    traces.add(trace);
                    hash.add(line);
                }
            }
            time.looked(found.pictures().size());
            return hash.finish();
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
            int count = time.affordable(plan.views(), pictures);
            if (count < plan.views()) {
                progress.note("the time allows " + count + " instead of " + plan.views() + " changed views a picture");
            }
            return count;
        }

        /** Rows of the plain view and of so many random ones for each picture. */
        private List<int[]> views(int[] pictures, int count) {
            List<Noise.OnPicture> noises = settings.augment().noises();
            List<int[]> rows = new ArrayList<>();
            for (int picture : pictures) {
                int[] own = new int[1 + count];
                own[0] = picture;
                rows.add(own);
            }
            if (count == 0) {
                return rows;
            }
            try (Progress.Task task = progress.start("looking again, changed", pictures.length)) {
                for (int i = 0; i < pictures.length; i++) {
                    Picture decoded = PictureReader.read(
                            usable.get(pictures[i]).file(),
                            parent.preprocessing().wantedShortSide());
                    for (int v = 1; v <= count; v++) {
                        View view = View.CENTRE;
                        for (Noise.OnPicture noise : noises) {
                            view = noise.draw(view, seed.generator("view " + noise.name(), pictures[i], v));
                        }
                        rows.get(i)[v] = cache.append(trunk.features(decoded, view));
                    }
                    task.at(i + 1L, "");
                }
            }
            return rows;
        }

        private int[] labelsOf(int[] pictures) {
            return Arrays.stream(pictures)
                    .map(picture -> usable.get(picture).label())
                    .toArray();
        }
    }
}
