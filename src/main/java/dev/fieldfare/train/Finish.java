package dev.fieldfare.train;

import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.KnownFeatures;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.TemperatureFit;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

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
    private final int width;
    private final Path work;
    private final Path candidate;
    private final InstantSource clock;
    private final Progress progress;

    /**
     * What came out.
     *
     * @param examined the finished file on the held-back pictures, by one look and by averaged ones
     * @param averaged how these were averaged; the same as one look where they were not
     */
    record Finished(
            Examination examined,
            Averaging averaged,
            TrainingReport.Calibration calibration,
            ModelCard.Unknown unknown) {}

    /**
     * @param provenance goes into the card
     * @param width features before the last layer
     * @param work a folder for the new model's file
     */
    Finish(
            ClassifierModel parent,
            PreparedPictures prepared,
            TrainingSettings settings,
            Map<String, Object> provenance,
            int width,
            Path work,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.prepared = prepared;
        this.settings = settings;
        this.provenance = provenance;
        this.width = width;
        this.work = work;
        this.candidate = work.resolve(ModelStore.MODEL);
        this.clock = clock;
        this.progress = progress;
    }

    /** Writes the file, measures it, and writes it again with what was found. */
    Finished finish(List<Trained> members) {
        Averaging averaged = Averaging.parse(settings.average());
        Averaging single = Averaging.NONE;
        boolean enough = prepared.heldBack().size() >= TemperatureFit.LEAST_IMAGES;
        boolean calibrating = enough && settings.calibrate();
        boolean measuring = enough && settings.unknown().quantile() > 0;
        OnnxFile.write(model(members, Optional.empty()), candidate);
        Optional<KnownFeatures> known =
                measuring ? Optional.of(known(members.getFirst().suffix().isEmpty())) : Optional.empty();
        Optional<TemperatureFit> fit = Optional.empty();
        List<Trained> calibrated = members;
        if (calibrating) {
            // All members get the same temperature: the one at which their mean is calibrated.
            Averaging each = members.size() > 1 ? Averaging.parse("members") : single;
            fit = Optional.of(Examination.calibrate(
                    open(CardDocument.EMPTY), prepared.heldBack(), each, settings.effectiveThreads(), clock, progress));
            double temperature = fit.get().temperature();
            calibrated = members.stream().map(member -> member.at(temperature)).toList();
        }
        if (calibrating || measuring) {
            OnnxFile.write(model(calibrated, known), candidate);
        }
        boolean several = !averaged.equals(single);
        Examination examined = Examination.of(
                List.of(open(measuring ? CardDocument.ofUnknown(0.0, Double.POSITIVE_INFINITY) : CardDocument.EMPTY)),
                prepared.labels(),
                prepared.heldBack(),
                several ? List.of(single, averaged) : List.of(single),
                settings.effectiveThreads(),
                clock,
                "checking the new model",
                progress);
        Optional<TemperatureFit> ofMean = several && calibrating ? examined.calibrate(averaged) : Optional.empty();
        ModelCard.Calibration calibration = ofMean.map(
                        mean -> new ModelCard.Calibration(averaged.spec(), mean.temperature()))
                .orElse(null);
        Double beyond = measuring
                ? quantile(examined.distances(single), settings.unknown().quantile())
                : null;
        ModelCard.Unknown unknown = new ModelCard.Unknown(settings.unknown().below(), beyond);
        write(open(CardDocument.EMPTY).card().measured(calibration, unknown));
        return new Finished(
                examined.with(calibration, unknown, averaged),
                averaged,
                new TrainingReport.Calibration(
                        fit.map(TemperatureFit::temperature).orElse(1.0),
                        fit.orElse(null),
                        ofMean.orElse(null),
                        whyNotCalibrated()),
                unknown);
    }

    /** The features of the training pictures, before the last layer of the finished network. */
    private KnownFeatures known(boolean asCached) {
        Examples examples = prepared.development();
        int[] labels = examples.labels();
        int classes = prepared.labels().size();
        if (asCached) {
            // What the frozen network made of the pictures at first is what it makes of them now.
            return FeatureStatistics.of(
                    FeatureStatistics.some(labels, classes, Integer.MAX_VALUE),
                    labels,
                    classes,
                    width,
                    (i, into) -> prepared.features().read(examples.pictures()[i], 0, 0, into));
        }
        int[] some = FeatureStatistics.some(labels, classes, FeatureStatistics.ENOUGH);
        ClassifierModel trained = open(CardDocument.EMPTY);
        AtomicInteger looked = new AtomicInteger();
        try (TrunkRunner trunk = new TrunkRunner(
                        trained.trunk(), trained.preprocessing(), Shape.of(1, width), work.resolve("trunk.onnx"), 1);
                Progress.Task bar = progress.start("looking at what is known", some.length)) {
            return FeatureStatistics.of(some, labels, classes, width, (i, into) -> {
                bar.at(looked.incrementAndGet(), "");
                LabelledPicture picture = prepared.usable().get(examples.pictures()[i]);
                trunk.run(
                        OneAtATime.read(picture.file(), trained.preprocessing().wantedShortSide()), Glance.PLAIN, into);
            });
        }
    }

    /**
     * What a new number of the same kind stays within with this probability: of n sorted numbers the one at (n + 1) times
     * it, rounded up, or the largest (Vovk, Gammerman and Shafer, "Algorithmic learning in a random world", 2005).
     */
    static double quantile(double[] numbers, double probability) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        int place = (int) Math.ceil((sorted.length + 1) * probability);
        return sorted[Math.clamp(place, 1, sorted.length) - 1];
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

    private ClassifierModel open(CardDocument options) {
        return ClassifierModel.open(candidate, options);
    }

    /** The same network with another card. */
    private void write(ModelCard card) {
        OnnxModel network = OnnxFile.read(candidate);
        Map<String, String> metadata = new LinkedHashMap<>(network.metadata());
        metadata.put(ModelCard.METADATA_KEY, card.toJson());
        OnnxFile.write(network.withMetadata(metadata), candidate);
    }

    private OnnxModel model(List<Trained> members, Optional<KnownFeatures> known) {
        ClassifierModel from = parent.withAverage(settings.average());
        List<String> labels = prepared.labels();
        if (members.size() == 1) {
            Trained only = members.getFirst();
            return from.retrained(only.suffix(), labels, only.layer(), known, provenance);
        }
        List<ClassifierModel.Member> parts = new ArrayList<>();
        members.forEach(member -> parts.add(new ClassifierModel.Member(member.suffix(), member.layer())));
        return from.ensemble(labels, parts, known, provenance);
    }
}
