package dev.fieldfare.train;

import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.noise.Dropout;
import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a last layer on cached features: steps the training graph over shuffled batches, measures after every epoch on
 * the validation features, stops early and keeps the weights of the best epoch.
 */
final class HeadTrainer implements AutoCloseable {
    private final HeadGraph graph;
    private final TrainingSettings settings;
    private final InstantSource clock;
    private final Session step;
    private final Session look;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Tensor loss = Tensor.zeros();
    private final Tensor logits;

    /**
     * What is trained on.
     *
     * @param cache all features
     * @param views rows of the views of each training picture; an epoch takes one of each at random
     * @param labels of the training pictures
     * @param validation row of each validation picture
     * @param validationLabels their labels
     */
    record Examples(FeatureCache cache, List<int[]> views, int[] labels, int[] validation, int[] validationLabels) {}

    /**
     * What came out.
     *
     * @param weight [classes x features], for features as the trunk computes them
     * @param bias [classes]
     */
    record Trained(
            float[] weight,
            float[] bias,
            List<TrainingReport.Epoch> epochs,
            TrainingReport.Best best,
            String stopped) {}

    HeadTrainer(HeadGraph graph, TrainingSettings settings, InstantSource clock) {
        this.graph = graph;
        this.settings = settings;
        this.clock = clock;
        // One thread: the matrices of a last layer are too small to be worth sharing.
        SessionSettings oneThread = SessionSettings.ofThreads(1);
        TrainingGraph training = graph.training();
        step = Session.open("the training graph", training.model(), oneThread);
        look = Session.open("the head", graph.forward(), oneThread);
        for (var value : training.data()) {
            inputs.put(value.name(), Tensor.zeros(java.util.Objects.requireNonNull(value.shape())));
        }
        training.scalars().forEach(scalar -> inputs.put(scalar, Tensor.zeros()));
        training.parameters()
                .forEach(value ->
                        inputs.put(value.name(), Tensor.zeros(java.util.Objects.requireNonNull(value.shape()))));
        training.states()
                .forEach(value ->
                        inputs.put(value.name(), Tensor.zeros(java.util.Objects.requireNonNull(value.shape()))));
        // Updated tensors are written over the ones that were read: weights never leave native memory.
        training.pinned().forEach((updated, original) -> outputs.put(updated, tensor(original)));
        logits = Tensor.zeros(graph.batch(), graph.classes());
        outputs.put(training.loss(), loss);
        outputs.put(HeadGraph.LOGITS, logits);
    }

    private Tensor tensor(String name) {
        return java.util.Objects.requireNonNull(inputs.get(name), name);
    }

    /** Trains until the epochs are done, the validation loss stops falling, or the time is up. */
    Trained train(Examples examples, Seed seed, Optional<Instant> deadline, Progress progress) {
        float[] classWeights = classWeights(examples.labels());
        int stepsPerEpoch = (examples.labels().length + graph.batch() - 1) / graph.batch();
        double peak = settings.optimizer().peakLearningRate(examples.cache().width());
        Schedule schedule = new Schedule(
                peak,
                (long) settings.optimizer().warmUpEpochs() * stepsPerEpoch,
                (long) settings.epochs() * stepsPerEpoch);
        EarlyStopping stopping = new EarlyStopping(settings.earlyStopping().patience());
        List<TrainingReport.Epoch> epochs = new ArrayList<>();
        TrainingReport.Best best = new TrainingReport.Best(0, Double.NaN, Double.NaN);
        float[] bestWeight = tensor(HeadGraph.WEIGHT).toArray();
        float[] bestBias = tensor(HeadGraph.BIAS).toArray();
        String stopped = "all " + settings.epochs() + " epochs are done";
        try (Progress.Task task = progress.start("training", settings.epochs())) {
            for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
                Instant start = clock.instant();
                double learningRate = schedule.at((long) epoch * stepsPerEpoch - 1);
                Score train = epoch(examples, classWeights, schedule, epoch, seed);
                Score validation = measure(examples.cache(), examples.validation(), examples.validationLabels());
                epochs.add(new TrainingReport.Epoch(
                        epoch,
                        learningRate,
                        train.loss(),
                        train.accuracy(),
                        validation.loss(),
                        validation.accuracy(),
                        Duration.between(start, clock.instant()).toNanos() / 1e9));
                if (stopping.improves(epoch, validation.loss())) {
                    best = new TrainingReport.Best(epoch, validation.loss(), validation.accuracy());
                    bestWeight = tensor(HeadGraph.WEIGHT).toArray();
                    bestBias = tensor(HeadGraph.BIAS).toArray();
                }
                task.at(epoch, String.format(java.util.Locale.ROOT, "validation %.1f %%", 100 * validation.accuracy()));
                if (stopping.isOver(epoch)) {
                    stopped = "early stopping: the validation loss was lowest in epoch " + stopping.bestEpoch()
                            + " and did not fall in the "
                            + settings.earlyStopping().patience() + " epochs after it";
                    break;
                }
                if (deadline.isPresent() && clock.instant().isAfter(deadline.get())) {
                    stopped = "the time is up after " + epoch + " epochs";
                    break;
                }
            }
        }
        if (best.epoch() == 0) {
            throw new dev.fieldfare.FieldfareException("training diverged: the validation loss was never a number; "
                    + "lower optimizer.learningRate (it was "
                    + peak + ")");
        }
        return graph.unscaled(bestWeight, bestBias, epochs, best, stopped);
    }

    private record Score(double loss, double accuracy) {}

    private Score epoch(Examples examples, float[] classWeights, Schedule schedule, int epoch, Seed seed) {
        int pictures = examples.labels().length;
        int[] order = Noises.permutation(pictures, seed.generator("order", epoch));
        var choice = seed.generator("view", epoch);
        long stepsPerEpoch = (pictures + graph.batch() - 1) / graph.batch();
        double lossSum = 0;
        int right = 0;
        for (int start = 0, index = 0; start < pictures; start += graph.batch(), index++) {
            int size = Math.min(graph.batch(), pictures - start);
            FloatBuffer features = tensor(HeadGraph.FEATURES).elements();
            for (int i = 0; i < graph.batch(); i++) {
                // The last batch is filled up with pictures whose targets are zero: they have no part in the loss.
                int[] views = examples.views().get(order[start + i % size]);
                examples.cache().read(views[views.length > 1 ? choice.nextInt(views.length) : 0], features);
            }
            fillTargets(examples.labels(), order, start, size, classWeights);
            if (graph.hasDropout()) {
                new Dropout(settings.regularization().dropout())
                        .draw(tensor(HeadGraph.DROPOUT).elements(), seed.generator("dropout", epoch, index));
            }
            long stepNumber = (epoch - 1) * stepsPerEpoch + index;
            UpdateRule rule = graph.rule();
            rule.scalars(stepNumber + 1, (float) schedule.at(stepNumber))
                    .forEach((name, value) -> tensor(name).set(value));
            step.run(inputs, outputs);
            lossSum += loss.elements().get(0) * size;
            float[] scores = logits.toArray();
            for (int i = 0; i < size; i++) {
                right += best(scores, i) == examples.labels()[order[start + i]] ? 1 : 0;
            }
        }
        return new Score(lossSum / pictures, (double) right / pictures);
    }

    private void fillTargets(int[] labels, int[] order, int start, int size, float[] classWeights) {
        float smoothing = (float) settings.regularization().labelSmoothing();
        FloatBuffer targets = tensor(HeadGraph.TARGETS).elements();
        // The graph divides by its batch size; a batch that is not full divides by the pictures that it has.
        float scale = (float) graph.batch() / size;
        for (int i = 0; i < graph.batch(); i++) {
            for (int c = 0; c < graph.classes(); c++) {
                float target = 0;
                if (i < size) {
                    int label = labels[order[start + i]];
                    target = scale
                            * classWeights[label]
                            * ((c == label ? 1 - smoothing : 0) + smoothing / graph.classes());
                }
                targets.put(target);
            }
        }
    }

    /** Cross-entropy and accuracy on plain features: no dropout, no smoothing, no penalty. */
    private Score measure(FeatureCache cache, int[] rows, int[] labels) {
        double lossSum = 0;
        int right = 0;
        Map<String, Tensor> given = Map.of(
                HeadGraph.FEATURES, tensor(HeadGraph.FEATURES),
                HeadGraph.WEIGHT, tensor(HeadGraph.WEIGHT),
                HeadGraph.BIAS, tensor(HeadGraph.BIAS));
        for (int start = 0; start < rows.length; start += graph.batch()) {
            int size = Math.min(graph.batch(), rows.length - start);
            FloatBuffer features = tensor(HeadGraph.FEATURES).elements();
            for (int i = 0; i < size; i++) {
                cache.read(rows[start + i], features);
            }
            look.run(given, Map.of(HeadGraph.LOGITS, logits));
            float[] scores = logits.toArray();
            for (int i = 0; i < size; i++) {
                int label = labels[start + i];
                float[] row = java.util.Arrays.copyOfRange(scores, i * graph.classes(), (i + 1) * graph.classes());
                lossSum -= Math.log(Math.max(1e-12, Classifier.softmax(row)[label]));
                right += best(scores, i) == label ? 1 : 0;
            }
        }
        // A diverged model has no probabilities: let its loss say so instead of a plausible number.
        double loss = Double.isFinite(logits.elements().get(0)) ? lossSum / rows.length : Double.NaN;
        return new Score(loss, (double) right / rows.length);
    }

    private int best(float[] scores, int row) {
        int best = 0;
        for (int c = 1; c < graph.classes(); c++) {
            if (scores[row * graph.classes() + c] > scores[row * graph.classes() + best]) {
                best = c;
            }
        }
        return best;
    }

    /** One for every class, or inversely proportional to how frequent it is, with a mean of one over the pictures. */
    private float[] classWeights(int[] labels) {
        float[] weights = new float[graph.classes()];
        java.util.Arrays.fill(weights, 1);
        if (settings.regularization().classWeights() == TrainingSettings.ClassWeights.BALANCED) {
            int[] counts = new int[weights.length];
            for (int label : labels) {
                counts[label]++;
            }
            for (int c = 0; c < weights.length; c++) {
                weights[c] = counts[c] == 0 ? 0 : (float) labels.length / (weights.length * counts[c]);
            }
        }
        return weights;
    }

    @Override
    public void close() {
        step.close();
        look.close();
        inputs.values().forEach(Tensor::close);
        loss.close();
        logits.close();
    }
}
