package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxModel;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FineTunerTest {
    private static final int CLASSES = 3;
    private static final int WIDTH = 4;

    /** No trick of any kind: plain gradient descent on the cross-entropy. */
    private static final String PLAIN = """
        epochs: 1
        optimizer: {name: sgd, learningRate: 0.5, momentum: 0, warmUpEpochs: 0}
        regularization: {l2: 0, l1: 0, labelSmoothing: 0, classWeights: none}
        earlyStopping: {patience: 0}
        """;

    @TempDir
    Path folder;

    private static TrainingSettings settings(String... over) {
        TrainingSettings settings = StrictYaml.parse(PLAIN, TrainingSettings.DEFAULT, "plain");
        for (String yaml : over) {
            settings = StrictYaml.parse(yaml, settings, yaml);
        }
        return settings;
    }

    /** Pictures of some classes; the first ones train, the others validate. */
    private record Data(float[][] features, int[] labels, int training) {
        /** A cloud for each class, the given distance apart. */
        static Data clouds(int[] counts, int validation, double distance) {
            RandomGenerator random = new Seed(5).generator("clouds");
            List<float[]> features = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (int label = 0; label < counts.length; label++) {
                for (int i = 0; i < counts[label]; i++) {
                    features.add(cloud(label, distance, random));
                    labels.add(label);
                }
            }
            for (int i = 0; i < validation; i++) {
                features.add(cloud(i % counts.length, distance, random));
                labels.add(i % counts.length);
            }
            return new Data(
                    features.toArray(float[][]::new),
                    labels.stream().mapToInt(Integer::intValue).toArray(),
                    features.size() - validation);
        }

        private static float[] cloud(int label, double distance, RandomGenerator random) {
            float[] row = new float[WIDTH];
            for (int f = 0; f < WIDTH; f++) {
                row[f] = (float) ((f == label ? distance : 0) + random.nextGaussian());
            }
            return row;
        }

        float[][] trainingFeatures() {
            return Arrays.copyOf(features, training);
        }

        int[] trainingLabels() {
            return Arrays.copyOf(labels, training);
        }

        float[][] validationFeatures() {
            return Arrays.copyOfRange(features, training, features.length);
        }

        int[] validationLabels() {
            return Arrays.copyOfRange(labels, training, labels.length);
        }
    }

    private Trained train(Data data, int batch, TrainingSettings settings) {
        return train(data, batch, settings, FeatureScaling.identity(WIDTH), InstantSource.system(), Optional.empty());
    }

    private Trained train(
            Data data,
            int batch,
            TrainingSettings settings,
            FeatureScaling scaling,
            InstantSource clock,
            Optional<Instant> deadline) {
        HeadGraph graph = lastLayer(Portions.whole(batch), scaling, settings);
        try (FeatureCache cache = FeatureCache.create(folder.resolve("features.f32"), WIDTH)) {
            for (float[] row : data.features()) {
                cache.append(FloatBuffer.wrap(row));
            }
            return trained(
                    graph,
                    settings,
                    cache,
                    rows(0, data.training(), data.trainingLabels()),
                    rows(data.training(), data.features().length, data.validationLabels()),
                    false,
                    clock,
                    deadline);
        }
    }

    private static HeadGraph lastLayer(Portions portions, FeatureScaling scaling, TrainingSettings settings) {
        OnnxModel like = OnnxModel.of(18, new GraphBuilder("nothing").build());
        return new HeadGraph(Suffix.empty("features", WIDTH, like), portions, CLASSES, scaling, settings);
    }

    private static Examples rows(int from, int to, int[] labels) {
        return new Examples(IntStream.range(from, to).toArray(), labels, 0);
    }

    private static final Data CLOUDS = Data.clouds(new int[] {10, 7, 6}, 9, 2);

    /** Weights start at zero, so all classes are equally probable: whatever the batch, the first losses are log(C). */
    @ParameterizedTest
    @ValueSource(ints = {1, 5, 23, 64})
    void startsFromKnowingNothing(int batch) {
        var trained = train(CLOUDS, batch, settings("optimizer: {learningRate: 1.0e-8}"));
        assertEquals(Math.log(CLASSES), trained.epochs().getFirst().trainLoss(), 1e-5);
        assertEquals(Math.log(CLASSES), trained.epochs().getFirst().validationLoss(), 1e-5);
    }

    /** One step of gradient descent from zero, by hand: p = 1/C, so dL/dw[c] = mean((1/C - [y = c]) x). */
    @ParameterizedTest
    @ValueSource(ints = {23, 24, 40, 64})
    void aFullBatchIsOneStepDownTheGradientHoweverMuchOfItIsPadding(int batch) {
        var trained = train(CLOUDS, batch, settings());
        for (int c = 0; c < CLASSES; c++) {
            double bias = 0;
            double[] weight = new double[WIDTH];
            for (int i = 0; i < CLOUDS.training(); i++) {
                double gradient = (1.0 / CLASSES - (CLOUDS.labels()[i] == c ? 1 : 0)) / CLOUDS.training();
                bias -= 0.5 * gradient;
                for (int f = 0; f < WIDTH; f++) {
                    weight[f] -= 0.5 * gradient * CLOUDS.features()[i][f];
                }
            }
            assertEquals(bias, trained.layer().bias()[c], 1e-6);
            for (int f = 0; f < WIDTH; f++) {
                assertEquals(weight[f], trained.layer().weight()[c * WIDTH + f], 1e-6);
            }
        }
    }

    /** Whole runs against the textbook, with batches that divide 23 pictures and batches that do not. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        23; ""
        1;  ""
        5;  ""
        32; ""
        5;  "optimizer: {momentum: 0.9}"
        5;  "optimizer: {warmUpEpochs: 3}"
        5;  "regularization: {l2: 0.3}"
        5;  "regularization: {l1: 0.02}"
        5;  "regularization: {l1: 0.02, l2: 0.3}"
        5;  "regularization: {weightDecay: 0.4}"
        5;  "{optimizer: {momentum: 0.9}, regularization: {weightDecay: 0.4}}"
        5;  "regularization: {maxNorm: 0.2}"
        5;  "regularization: {labelSmoothing: 0.3}"
        5;  "regularization: {classWeights: balanced}"
        5;  "earlyStopping: {weights: last}"
        4;  "{optimizer: {momentum: 0.8, warmUpEpochs: 2}, regularization: {l2: 0.1, l1: 0.01, weightDecay: 0.2, maxNorm: 0.3, labelSmoothing: 0.1, classWeights: balanced}}"
        """)
    void agreesWithTheTextbook(int batch, String yaml) {
        TrainingSettings settings = settings("epochs: 6", "optimizer: {learningRate: 0.1}", yaml);
        var trained = train(CLOUDS, batch, settings);
        PlainTraining plain = new PlainTraining(settings, CLASSES, WIDTH);
        double lowest = Double.POSITIVE_INFINITY;
        float[] weight = {};
        float[] bias = {};
        assertEquals(6, trained.epochs().size());
        for (TrainingReport.Epoch epoch : trained.epochs()) {
            double trainLoss = plain.epoch(
                    CLOUDS.trainingFeatures(),
                    CLOUDS.trainingLabels(),
                    batch,
                    epoch.epoch(),
                    new Seed(settings.seed()));
            double validationLoss = plain.loss(CLOUDS.validationFeatures(), CLOUDS.validationLabels());
            assertEquals(trainLoss, epoch.trainLoss(), 1e-4, "training loss of epoch " + epoch.epoch());
            assertEquals(validationLoss, epoch.validationLoss(), 1e-4, "validation loss of epoch " + epoch.epoch());
            if (validationLoss < lowest || settings.earlyStopping().takesLast()) {
                lowest = validationLoss;
                weight = new float[CLASSES * WIDTH];
                bias = new float[CLASSES];
                for (int c = 0; c < CLASSES; c++) {
                    bias[c] = (float) plain.bias[c];
                    for (int f = 0; f < WIDTH; f++) {
                        weight[c * WIDTH + f] = (float) plain.weight[c][f];
                    }
                }
            }
        }
        assertEquals(lowest, trained.best().validationLoss(), 1e-4);
        assertArrayEquals(weight, trained.layer().weight(), 1e-4f);
        assertArrayEquals(bias, trained.layer().bias(), 1e-4f);
    }

    /** Validation pictures with the labels of others: whatever is learnt, the first epoch is the best. */
    @Test
    void withoutEarlyStoppingTheLastEpochCounts() {
        Data clouds = Data.clouds(new int[] {10, 10, 10}, 30, 10);
        Data misled = new Data(
                clouds.features(),
                IntStream.range(0, clouds.labels().length)
                        .map(i -> i < clouds.training() ? clouds.labels()[i] : (clouds.labels()[i] + 1) % CLASSES)
                        .toArray(),
                clouds.training());
        String epochs = "{epochs: 9, optimizer: {learningRate: 0.1}}";
        var best = train(misled, 8, settings(epochs, "earlyStopping: {patience: 0}"));
        var last = train(misled, 8, settings(epochs, "earlyStopping: {patience: 0, weights: last}"));
        assertEquals(1, best.best().epoch());
        assertEquals(9, last.best().epoch());
        assertEquals(last.epochs().getLast().validationLoss(), last.best().validationLoss());
        assertTrue(last.best().validationLoss() > best.best().validationLoss());
    }

    /** The rate that the report gives is that of the epoch's last step. */
    @Test
    void reportsTheScheduleAsItRan() {
        var trained = train(CLOUDS, 23, settings("{epochs: 4, optimizer: {learningRate: 0.4, warmUpEpochs: 2}}"));
        assertArrayEquals(
                new double[] {0.2, 0.4, 0.4, 0.2},
                trained.epochs().stream()
                        .mapToDouble(TrainingReport.Epoch::learningRate)
                        .toArray(),
                1e-12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adam", "sgd"})
    void learnsWhatCanBeLearned(String optimizer) {
        Data apart = Data.clouds(new int[] {10, 10, 10}, 30, 10);
        var trained =
                train(apart, 8, settings("{epochs: 40, optimizer: {name: " + optimizer + ", learningRate: 0.05}}"));
        assertEquals(1, trained.epochs().getLast().trainAccuracy());
        assertEquals(1, trained.best().validationAccuracy());
        assertTrue(trained.epochs().getLast().trainLoss() < 0.05);
        assertEquals("all 40 epochs are done", trained.stopped());
    }

    /** With targets smoothed, the least possible loss is the entropy of the targets. */
    @Test
    void labelSmoothingRaisesTheFloor() {
        Data apart = Data.clouds(new int[] {10, 10, 10}, 3, 30);
        var trained = train(
                apart,
                30,
                settings(
                        "{epochs: 600, optimizer: {name: adam, learningRate: 0.02}}",
                        "regularization: {labelSmoothing: 0.3}"));
        double floor = -0.8 * Math.log(0.8) - 2 * 0.1 * Math.log(0.1);
        double reached = trained.epochs().getLast().trainLoss();
        assertTrue(reached >= floor - 1e-5, reached + " is below " + floor);
        assertEquals(floor, reached, 0.01);
    }

    @Test
    void penaltiesKeepWeightsSmall() {
        TrainingSettings free = settings("{epochs: 60, batch: 23}");
        double[] norms = norms(train(CLOUDS, 23, free).layer().weight());
        double[] l1 = norms(train(CLOUDS, 23, StrictYaml.parse("regularization: {l1: 0.05}", free, ""))
                .layer()
                .weight());
        double[] l2 = norms(train(CLOUDS, 23, StrictYaml.parse("regularization: {l2: 0.5}", free, ""))
                .layer()
                .weight());
        assertTrue(l1[0] < 0.7 * norms[0], "sum of absolute values " + l1[0] + " against " + norms[0]);
        assertTrue(l2[1] < 0.7 * norms[1], "sum of squares " + l2[1] + " against " + norms[1]);
    }

    private static double[] norms(float[] weight) {
        double[] norms = new double[2];
        for (float w : weight) {
            norms[0] += Math.abs(w);
            norms[1] += w * w;
        }
        return norms;
    }

    @Test
    void dropoutChangesTheRunAndItsSeedRepeatsIt() {
        TrainingSettings dropping = settings("{epochs: 3, noise: {dropout: 0.5}}");
        float[] once = train(CLOUDS, 5, dropping).layer().weight();
        assertArrayEquals(once, train(CLOUDS, 5, dropping).layer().weight());
        assertFalse(Arrays.equals(
                once, train(CLOUDS, 5, settings("epochs: 3")).layer().weight()));
        assertFalse(Arrays.equals(
                once,
                train(CLOUDS, 5, StrictYaml.parse("seed: 2", dropping, ""))
                        .layer()
                        .weight()));
    }

    /** One class has twenty times the pictures of the others: balanced, the rare ones are found more often. */
    @Test
    void balancedClassesAreFoundMoreOften() {
        Data uneven = Data.clouds(new int[] {200, 10, 10}, 300, 1);
        TrainingSettings settings = settings("{epochs: 40, optimizer: {learningRate: 0.2}}");
        TrainingSettings balanced = StrictYaml.parse("regularization: {classWeights: balanced}", settings, "");
        int ofAll = rareOnesFound(uneven, train(uneven, 32, settings));
        int ofBalanced = rareOnesFound(uneven, train(uneven, 32, balanced));
        assertTrue(ofBalanced > 2 * ofAll && ofBalanced > 80, ofAll + " plain, " + ofBalanced + " balanced of 200");
    }

    private static int rareOnesFound(Data data, Trained trained) {
        int found = 0;
        for (int i = data.training(); i < data.labels().length; i++) {
            double[] logits = logits(trained, data.features()[i]);
            int label = data.labels()[i];
            found += label > 0 && Arrays.stream(logits).max().orElseThrow() == logits[label] ? 1 : 0;
        }
        return found;
    }

    private static double[] logits(Trained trained, float[] x) {
        double[] logits = new double[CLASSES];
        for (int c = 0; c < CLASSES; c++) {
            logits[c] = trained.layer().bias()[c];
            for (int f = 0; f < WIDTH; f++) {
                logits[c] += (double) trained.layer().weight()[c * WIDTH + f] * x[f];
            }
        }
        return logits;
    }

    /** Trained on scaled features, exported for features as the trunk computes them: the losses are the same. */
    @Test
    void exportedWeightsAbsorbTheScaling() {
        FeatureScaling scaling = new FeatureScaling(new float[] {1, -2, 0.5f, 30}, new float[] {2, 0.1f, 5, 0});
        var trained = train(
                CLOUDS,
                7,
                settings("{epochs: 5, optimizer: {learningRate: 0.05}}"),
                scaling,
                InstantSource.system(),
                Optional.empty());
        double loss = 0;
        for (int i = CLOUDS.training(); i < CLOUDS.labels().length; i++) {
            double[] logits = logits(trained, CLOUDS.features()[i]);
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            loss -= (logits[CLOUDS.labels()[i]] - Math.log(sum)) / 9;
        }
        assertEquals(trained.best().validationLoss(), loss, 1e-5);
        assertTrue(Math.abs(loss - Math.log(CLASSES)) > 0.01, "nothing was learned: " + loss);
        assertEquals(0, trained.layer().weight()[3], "a feature that never varies has no weight");
    }

    @Test
    void stopsEarlyAndKeepsTheBestWeights() {
        TrainingSettings settings = settings("{epochs: 200, earlyStopping: {patience: 4}}");
        Data noisy = Data.clouds(new int[] {4, 4, 4}, 60, 0.3);
        var trained = train(noisy, 12, settings);
        int last = trained.epochs().getLast().epoch();
        assertEquals(trained.best().epoch() + 4, last);
        assertTrue(last < 200, "the validation loss never rose");
        assertEquals(
                "early stopping: the validation loss was lowest in epoch "
                        + trained.best().epoch() + " and did not fall in the 4 epochs after it",
                trained.stopped());
        double loss = 0;
        for (int i = noisy.training(); i < noisy.labels().length; i++) {
            double[] logits = logits(trained, noisy.features()[i]);
            loss -= (logits[noisy.labels()[i]]
                            - Math.log(Arrays.stream(logits).map(Math::exp).sum()))
                    / 60;
        }
        assertEquals(trained.best().validationLoss(), loss, 1e-5, "the weights are those of the best epoch");
    }

    /** A clock that goes ahead by a second whenever somebody looks at it. */
    @Test
    void stopsWhenTheTimeIsUp() {
        Instant[] now = {Instant.EPOCH};
        InstantSource clock = () -> now[0] = now[0].plusSeconds(1);
        var trained = train(
                CLOUDS,
                23,
                settings("epochs: 1000"),
                FeatureScaling.identity(WIDTH),
                clock,
                Optional.of(Instant.EPOCH.plusSeconds(30)));
        int epochs = trained.epochs().size();
        assertTrue(epochs > 1 && epochs <= 30, epochs + " epochs");
        assertEquals("the time is up after " + epochs + " epochs", trained.stopped());
        assertTrue(trained.epochs().stream().allMatch(epoch -> epoch.seconds() >= 1), "by the clock that was given");
    }

    @Test
    void divergenceIsSaidWithWhatToDo() {
        Data huge = Data.clouds(new int[] {4, 4, 4}, 3, 1e30);
        var diverged = assertThrows(FieldfareException.class, () -> train(huge, 4, settings("epochs: 3")));
        assertTrue(diverged.getMessage().startsWith("training diverged"), diverged.getMessage());
        assertTrue(diverged.getMessage().contains("optimizer.learningRate (it was 0.5)"), diverged.getMessage());
    }

    /**
     * Training anew on all pictures is the same as having had them all: with the whole set as one batch the order is no
     * matter, and with validation pictures that are training pictures too the last epoch is the best.
     */
    @Test
    void refittingIsTrainingOnAllPictures() {
        TrainingSettings settings = settings("epochs: 20", "earlyStopping: {patience: 0}");
        int all = CLOUDS.features().length;
        HeadGraph graph = lastLayer(Portions.whole(all), FeatureScaling.identity(WIDTH), settings);
        try (FeatureCache cache = FeatureCache.create(folder.resolve("all.f32"), WIDTH)) {
            for (float[] row : CLOUDS.features()) {
                cache.append(FloatBuffer.wrap(row));
            }
            Examples some = rows(0, CLOUDS.training(), CLOUDS.trainingLabels());
            Examples others = rows(CLOUDS.training(), all, CLOUDS.validationLabels());
            Trained refitted = trained(graph, settings, cache, some, others, true);
            Trained direct = trained(graph, settings, cache, some.and(others), some.and(others), false);
            assertEquals(20, direct.best().epoch());
            assertArrayEquals(direct.layer().weight(), refitted.layer().weight(), 1e-5f);
            assertArrayEquals(direct.layer().bias(), refitted.layer().bias(), 1e-5f);
            Trained without = trained(graph, settings, cache, some, others, false);
            assertFalse(Arrays.equals(without.layer().weight(), refitted.layer().weight()));
        }
    }

    private static Trained trained(
            HeadGraph graph,
            TrainingSettings settings,
            FeatureCache cache,
            Examples examples,
            Examples validation,
            boolean refit) {
        return trained(graph, settings, cache, examples, validation, refit, InstantSource.system(), Optional.empty());
    }

    private static Trained trained(
            HeadGraph graph,
            TrainingSettings settings,
            FeatureCache cache,
            Examples examples,
            Examples validation,
            boolean refit,
            InstantSource clock,
            Optional<Instant> deadline) {
        Seed seed = new Seed(settings.seed());
        FineTuner.Pace pace =
                new FineTuner.Pace(settings.epochs(), settings.optimizer().peakLearningRate(WIDTH), 0, false);
        try (FineTuner tuner = new FineTuner(
                graph, new CachedInputs(cache), Optional.empty(), settings, seed, Slots.NONE, clock, Progress.SILENT)) {
            return Trained.of(graph, tuner.train(Map.of(), examples, validation, pace, refit, deadline));
        }
    }
}
