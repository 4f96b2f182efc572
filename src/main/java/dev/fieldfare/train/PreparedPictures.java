package dev.fieldfare.train;

import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

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
}
