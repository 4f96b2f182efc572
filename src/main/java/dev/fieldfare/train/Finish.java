package dev.fieldfare.train;

import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.TemperatureFit;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From trained weights to the finished file, and how good that is: calibrated on pictures that did not train. The
 * temperature of single looks goes into the last layer, so that any ONNX Runtime gives calibrated probabilities; that of
 * averaged looks goes into the card.
 */
final class Finish {
    private final ClassifierModel parent;
    private final PreparedPictures prepared;
    private final TrainingSettings settings;
    private final Map<String, Object> provenance;
    private final Path candidate;
    private final InstantSource clock;
    private final Progress progress;

    /**
     * What came out.
     *
     * @param examined the finished file on the held-back pictures, by one look and by averaged ones
     * @param averaged how these were averaged; the same as one look where they were not
     */
    record Finished(Examination examined, Averaging averaged, TrainingReport.Calibration calibration) {}

    /**
     * @param provenance goes into the card
     * @param candidate the file to write
     */
    Finish(
            ClassifierModel parent,
            PreparedPictures prepared,
            TrainingSettings settings,
            Map<String, Object> provenance,
            Path candidate,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.prepared = prepared;
        this.settings = settings;
        this.provenance = provenance;
        this.candidate = candidate;
        this.clock = clock;
        this.progress = progress;
    }

    /** Writes the file, measures it, and writes it again with what was found. */
    Finished finish(List<Trained> members) {
        Averaging averaged = Averaging.parse(settings.average());
        Averaging single = Averaging.NONE;
        String whyNot = whyNotCalibrated();
        TemperatureFit fit = null;
        List<Trained> calibrated = members;
        OnnxFile.write(model(members), candidate);
        if (whyNot.isEmpty()) {
            // All members get the same temperature: the one at which their mean is calibrated.
            Averaging each = members.size() > 1 ? Averaging.parse("members") : single;
            fit = Examination.calibrate(
                    open(), prepared.heldBack(), each, settings.effectiveThreads(), clock, progress);
            double temperature = fit.temperature();
            calibrated = members.stream().map(member -> member.at(temperature)).toList();
            OnnxFile.write(model(calibrated), candidate);
        }
        boolean several = !averaged.equals(single);
        Examination examined = Examination.of(
                List.of(open()),
                prepared.labels(),
                prepared.heldBack(),
                several ? List.of(single, averaged) : List.of(single),
                settings.effectiveThreads(),
                clock,
                "checking the new model",
                progress);
        Optional<TemperatureFit> ofMean = several && whyNot.isEmpty() ? examined.calibrate(averaged) : Optional.empty();
        if (ofMean.isPresent()) {
            examined = examined.at(ofMean.get(), averaged);
            ModelCard card = open().card();
            write(card.measured(
                    new ModelCard.Calibration(averaged.spec(), ofMean.get().temperature()), card.unknown()));
        }
        return new Finished(
                examined,
                averaged,
                new TrainingReport.Calibration(fit == null ? 1 : fit.temperature(), fit, ofMean.orElse(null), whyNot));
    }

    private String whyNotCalibrated() {
        int images = prepared.heldBack().size();
        if (!settings.calibrate()) {
            return "calibrate is false";
        }
        return images < TemperatureFit.LEAST_IMAGES
                ? "only " + images + " pictures are held back; calibrating takes " + TemperatureFit.LEAST_IMAGES
                : "";
    }

    private ClassifierModel open() {
        return ClassifierModel.open(candidate, CardDocument.EMPTY);
    }

    /** The same network with another card. */
    private void write(ModelCard card) {
        OnnxModel network = OnnxFile.read(candidate);
        Map<String, String> metadata = new LinkedHashMap<>(network.metadata());
        metadata.put(ModelCard.METADATA_KEY, card.toJson());
        OnnxFile.write(network.withMetadata(metadata), candidate);
    }

    private OnnxModel model(List<Trained> members) {
        ClassifierModel from = parent.withAverage(settings.average());
        List<String> labels = prepared.labels();
        if (members.size() == 1) {
            Trained only = members.getFirst();
            return from.retrained(only.suffix(), labels, only.layer(), provenance);
        }
        List<ClassifierModel.Member> parts = new ArrayList<>();
        members.forEach(member -> parts.add(new ClassifierModel.Member(member.suffix(), member.layer())));
        return from.ensemble(labels, parts, provenance);
    }
}
