package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Spelling;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Evaluation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** Measures a model on a folder of labelled pictures. */
public final class FolderEvaluation {
    private FolderEvaluation() {}

    /**
     * Looks at every picture; of a folder that is split, at the test part, or else the validation part.
     *
     * @throws FieldfareException if the folder has a label that the model does not know
     */
    public static Evaluation of(
            ClassifierModel model,
            Path folder,
            Averaging averaging,
            int threads,
            InstantSource clock,
            Progress progress) {
        return of(List.of(model), folder, averaging, threads, clock, progress);
    }

    /** The same of several models of the same labels, averaged over. */
    public static Evaluation of(
            List<ClassifierModel> models,
            Path folder,
            Averaging averaging,
            int threads,
            InstantSource clock,
            Progress progress) {
        LabelledPictures found = LabelledPictures.scan(folder);
        List<String> labels = models.getFirst().labels();
        for (String label : found.labels()) {
            if (!labels.contains(label)) {
                throw new FieldfareException("the model does not know the label '" + label + "' of " + folder
                        + Spelling.hint(label, labels) + " It knows " + labels.size() + ": "
                        + String.join(", ", labels.subList(0, Math.min(10, labels.size())))
                        + (labels.size() > 10 ? " ..." : ""));
            }
        }
        Side side = found.pictures().stream().anyMatch(picture -> picture.given() == Side.TEST)
                ? Side.TEST
                : Side.VALIDATION;
        List<LabelledPicture> pictures = found.pictures().stream()
                .filter(picture -> !found.isSplit() || picture.given() == side)
                .map(picture -> new LabelledPicture(
                        picture.file(), labels.indexOf(found.labels().get(picture.label())), null))
                .toList();
        return Examination.of(models, labels, pictures, List.of(averaging), threads, clock, "looking", progress)
                .evaluation(averaging);
    }
}
