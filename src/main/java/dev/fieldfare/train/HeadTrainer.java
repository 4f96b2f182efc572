package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.noise.Dropout;
import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Trains a last layer on cached features: steps the training graph over shuffled batches, measures after every epoch on
 * the validation features, stops early and keeps the weights of the best epoch.
 */
final class HeadTrainer implements AutoCloseable {
    /** Over fewer epochs the learning rate falls before the weights have arrived. */
    private static final int LEAST_REFIT_EPOCHS = 30;

    private final HeadGraph graph;
    private final TrainingSettings settings;
    private final InstantSource clock;
    private final Session gradients;
    private final Session update;
    private final Session look;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Map<String, Tensor> updated = new LinkedHashMap<>();
    private final Tensor loss = Tensor.zeros();
    private final Tensor logits;

    /**
     * Pictures as rows of a cache.
     *
     * @param views rows of the views of each picture, the plain one first; an epoch takes one of each
     * @param labels of the pictures
     */
    record Examples(List<int[]> views, int[] labels) {
        /** These and those. */
        Examples and(Examples others) {
            return new Examples(
                    Stream.concat(views.stream(), others.views.stream()).toList(),
                    IntStream.concat(Arrays.stream(labels), Arrays.stream(others.labels))
                            .toArray());
        }
    }

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
        gradients = Session.open("the gradients", training.gradients(), oneThread);
        update = Session.open("the update", training.update(), oneThread);
        look = Session.open("the head", graph.forward(), oneThread);
        for (var value : training.data()) {
            inputs.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape())));
        }
        training.scalars().forEach(scalar -> inputs.put(scalar, Tensor.zeros()));
        training.parameters()
                .forEach(value -> inputs.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape()))));
        training.states()
                .forEach(value -> inputs.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape()))));
        training.gradientTensors()
                .forEach(value -> inputs.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape()))));
        training.pinnedGradients().forEach((output, tensor) -> outputs.put(output, tensor(tensor)));
        // Updated tensors are written over the ones that were read: weights never leave native memory.
        training.pinnedUpdates().forEach((output, tensor) -> updated.put(output, tensor(tensor)));
        logits = Tensor.zeros(graph.batch(), graph.classes());
        outputs.put(training.loss(), loss);
        outputs.put(HeadGraph.LOGITS, logits);
    }

    private Map<String, Tensor> given(OnnxModel model) {
        Map<String, Tensor> given = new LinkedHashMap<>();
        model.graph().inputs().forEach(value -> given.put(value.name(), tensor(value.name())));
        return given;
    }

    private Tensor tensor(String name) {
        return Objects.requireNonNull(inputs.get(name), name);
    }

    /**
     * Trains until the epochs are done, the validation loss stops falling, or the time is up.
     *
     * @param refit whether to train anew, after that, on the training and the validation pictures together
     */
    Trained train(
            FeatureCache cache,
            Examples examples,
            Examples validation,
            boolean refit,
            Seed seed,
            Optional<Instant> deadline,
            Progress progress) {
        Schedule schedule = schedule(examples, cache.width(), settings.epochs());
        EarlyStopping stopping = new EarlyStopping(settings.earlyStopping().patience());
        List<TrainingReport.Epoch> epochs = new ArrayList<>();
        TrainingReport.Best best = new TrainingReport.Best(0, Double.NaN, Double.NaN);
        Weights weights = weights();
        String stopped = "all " + settings.epochs() + " epochs are done";
        Pass pass = new Pass(cache, examples, classWeights(examples.labels()), schedule, seed, "search");
        try (Progress.Task task = progress.start("training", settings.epochs())) {
            for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
                Instant start = clock.instant();
                Score trained = epoch(pass, epoch);
                Score measured = measure(cache, validation);
                epochs.add(new TrainingReport.Epoch(
                        epoch,
                        schedule.at((long) epoch * stepsPerEpoch(examples) - 1),
                        trained.loss(),
                        trained.accuracy(),
                        measured.loss(),
                        measured.accuracy(),
                        Duration.between(start, clock.instant()).toNanos() / 1e9));
                if (stopping.improves(epoch, measured.loss())) {
                    best = new TrainingReport.Best(epoch, measured.loss(), measured.accuracy());
                    weights = weights();
                }
                task.at(epoch, String.format(Locale.ROOT, "validation %.1f %%", 100 * measured.accuracy()));
                if (stopping.isOver(epoch)) {
                    stopped = "early stopping: the validation loss was lowest in epoch " + stopping.bestEpoch()
                            + " and did not fall in the "
                            + settings.earlyStopping().patience() + " epochs after it";
                    break;
                }
                if (isOver(deadline)) {
                    stopped = "the time is up after " + epoch + " epochs";
                    break;
                }
            }
        }
        if (best.epoch() == 0) {
            throw new FieldfareException("training diverged: the validation loss was never a number; "
                    + "lower optimizer.learningRate (it was " + schedule.peak() + ")");
        }
        if (refit) {
            Optional<Weights> refitted = refit(cache, examples.and(validation), best, seed, deadline, progress);
            stopped += refitted.isPresent()
                    ? "; then trained anew on training and validation pictures together"
                    : "; no time was left to train anew on training and validation pictures together";
            weights = refitted.orElse(weights);
        }
        return graph.unscaled(weights.weight(), weights.bias(), epochs, best, stopped);
    }

    /**
     * Trains anew, from the start, on the training and the validation pictures together, for as long as was found best
     * (Goodfellow, Bengio and Courville, "Deep learning", 2016, algorithm 7.2): with few pictures, those that said when
     * to stop are too good to be left out. The learning rate falls to zero over these epochs, for which very few are too
     * few, so there is a least number. Empty if the time is up before it is done.
     */
    private Optional<Weights> refit(
            FeatureCache cache,
            Examples all,
            TrainingReport.Best best,
            Seed seed,
            Optional<Instant> deadline,
            Progress progress) {
        int epochs = Math.max(best.epoch(), Math.min(LEAST_REFIT_EPOCHS, settings.epochs()));
        clear();
        Pass pass =
                new Pass(cache, all, classWeights(all.labels()), schedule(all, cache.width(), epochs), seed, "refit");
        try (Progress.Task task = progress.start("training on all", epochs)) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                if (isOver(deadline)) {
                    return Optional.empty();
                }
                epoch(pass, epoch);
                task.at(epoch, "");
            }
        }
        return Optional.of(weights());
    }

    /** The weights as they stand, for features as the graph scales them. */
    private record Weights(float[] weight, float[] bias) {}

    private Weights weights() {
        return new Weights(
                tensor(HeadGraph.WEIGHT).toArray(), tensor(HeadGraph.BIAS).toArray());
    }

    /** Weights and the optimizer's state as at the beginning: zero. */
    private void clear() {
        TrainingGraph training = graph.training();
        Stream.concat(training.parameters().stream(), training.states().stream())
                .map(value -> tensor(value.name()).elements())
                .forEach(elements -> {
                    while (elements.hasRemaining()) {
                        elements.put(0);
                    }
                });
    }

    private Schedule schedule(Examples examples, int features, int epochs) {
        long steps = stepsPerEpoch(examples);
        return new Schedule(
                settings.optimizer().peakLearningRate(features),
                settings.optimizer().warmUpEpochs() * steps,
                epochs * steps);
    }

    private int stepsPerEpoch(Examples examples) {
        return (examples.labels().length + graph.batch() - 1) / graph.batch();
    }

    private boolean isOver(Optional<Instant> deadline) {
        return deadline.isPresent() && clock.instant().isAfter(deadline.get());
    }

    /** What stays the same over the epochs of one training. */
    private record Pass(
            FeatureCache cache, Examples examples, float[] classWeights, Schedule schedule, Seed seed, String name) {}

    private record Score(double loss, double accuracy) {}

    private Score epoch(Pass pass, int epoch) {
        Examples examples = pass.examples();
        Seed seed = pass.seed();
        int pictures = examples.labels().length;
        int[] order = Noises.permutation(pictures, seed.generator(pass.name() + " order", epoch));
        var choice = seed.generator(pass.name() + " view", epoch);
        long stepsPerEpoch = stepsPerEpoch(examples);
        double lossSum = 0;
        int right = 0;
        for (int start = 0, index = 0; start < pictures; start += graph.batch(), index++) {
            int size = Math.min(graph.batch(), pictures - start);
            FloatBuffer features = tensor(HeadGraph.FEATURES).elements();
            for (int i = 0; i < graph.batch(); i++) {
                // The last batch is filled up with pictures whose targets are zero: they have no part in the loss.
                int[] views = examples.views().get(order[start + i % size]);
                boolean plain = views.length == 1
                        || choice.nextDouble() < settings.augment().plain();
                pass.cache().read(views[plain ? 0 : 1 + choice.nextInt(views.length - 1)], features);
            }
            fillTargets(examples.labels(), order, start, size, pass.classWeights());
            if (graph.hasDropout()) {
                new Dropout(settings.regularization().dropout())
                        .draw(
                                tensor(HeadGraph.DROPOUT).elements(),
                                seed.generator(pass.name() + " dropout", epoch, index));
            }
            long stepNumber = (epoch - 1) * stepsPerEpoch + index;
            TrainingGraph training = graph.training();
            gradients.run(given(training.gradients()), outputs);
            training.updates()
                    .scalars(stepNumber + 1, Map.of("", (float) pass.schedule().at(stepNumber)))
                    .forEach((name, value) -> tensor(name).set(value));
            update.run(given(training.update()), updated);
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
    private Score measure(FeatureCache cache, Examples examples) {
        int[] labels = examples.labels();
        double lossSum = 0;
        int right = 0;
        Map<String, Tensor> given = Map.of(
                HeadGraph.FEATURES, tensor(HeadGraph.FEATURES),
                HeadGraph.WEIGHT, tensor(HeadGraph.WEIGHT),
                HeadGraph.BIAS, tensor(HeadGraph.BIAS));
        for (int start = 0; start < labels.length; start += graph.batch()) {
            int size = Math.min(graph.batch(), labels.length - start);
            FloatBuffer features = tensor(HeadGraph.FEATURES).elements();
            for (int i = 0; i < size; i++) {
                cache.read(examples.views().get(start + i)[0], features);
            }
            look.run(given, Map.of(HeadGraph.LOGITS, logits));
            float[] scores = logits.toArray();
            for (int i = 0; i < size; i++) {
                int label = labels[start + i];
                float[] row = Arrays.copyOfRange(scores, i * graph.classes(), (i + 1) * graph.classes());
                lossSum -= Math.log(Math.max(1e-12, Classifier.softmax(row)[label]));
                right += best(scores, i) == label ? 1 : 0;
            }
        }
        // A diverged model has no probabilities: let its loss say so instead of a plausible number.
        double loss = Double.isFinite(logits.elements().get(0)) ? lossSum / labels.length : Double.NaN;
        return new Score(loss, (double) right / labels.length);
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
        Arrays.fill(weights, 1);
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
        gradients.close();
        update.close();
        look.close();
        inputs.values().forEach(Tensor::close);
        loss.close();
        logits.close();
    }
}
