package dev.fieldfare.train;

import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Trains a head: steps over shuffled batches, measures after every epoch on the validation pictures, stops early and
 * keeps the weights of the best epoch.
 */
final class FineTuner implements AutoCloseable {
    /** Over fewer epochs the learning rate falls before the weights have arrived. */
    private static final int LEAST_REFIT_EPOCHS = 30;

    private final HeadGraph graph;
    private final TrainingSettings settings;
    private final InstantSource clock;
    private final StepRunner runner;
    private final Progress progress;
    private final Optional<Mixing> mixing;
    private final Seed seed;

    /**
     * A last layer.
     *
     * @param weight [classes x features]
     * @param bias [classes]
     */
    record Layer(float[] weight, float[] bias) {}

    /**
     * What came out.
     *
     * @param weights of all parameters, as float32 in native order, by name
     * @param epochs none where nothing was better than the start
     * @param answers on the validation pictures, in the best epoch
     */
    record Trained(
            Map<String, FloatBuffer> weights,
            List<TrainingReport.Epoch> epochs,
            TrainingReport.Best best,
            String stopped,
            Answers answers) {
        /** The last layer, for features as the graph scales them. */
        Layer layer() {
            return new Layer(floats(HeadGraph.WEIGHT), floats(HeadGraph.BIAS));
        }

        private float[] floats(String name) {
            FloatBuffer buffer = Objects.requireNonNull(weights.get(name), name).duplicate();
            float[] floats = new float[buffer.remaining()];
            buffer.get(floats);
            return floats;
        }
    }

    /**
     * How long, and how fast.
     *
     * @param goesOn whether this is another cycle of a training, whose start need not be beaten
     */
    record Pace(int epochs, double learningRate, double suffixLearningRate, boolean goesOn) {}

    FineTuner(
            HeadGraph graph,
            Inputs inputs,
            Optional<Mixing> mixing,
            TrainingSettings settings,
            Seed seed,
            InstantSource clock,
            Progress progress) {
        this.graph = graph;
        this.mixing = mixing;
        this.settings = settings;
        this.seed = seed;
        this.clock = clock;
        this.progress = progress;
        this.runner = new StepRunner(graph, inputs);
    }

    /**
     * Trains until the epochs are done, the validation loss stops falling, or the time is up.
     *
     * @param start what the parameters begin with; those that are missing begin with zero
     * @param pace at most so many epochs
     * @param refit whether to train anew, after that, on the training and the validation pictures together
     */
    Trained train(
            Map<String, FloatBuffer> start,
            Examples examples,
            Examples validation,
            Pace pace,
            boolean refit,
            Optional<Instant> deadline) {
        EarlyStopping stopping = new EarlyStopping(settings.earlyStopping().patience());
        List<TrainingReport.Epoch> epochs = new ArrayList<>();
        runner.start(start);
        TrainingReport.Best best = new TrainingReport.Best(0, Double.NaN, Double.NaN);
        Answers answers = Answers.NONE;
        Map<String, FloatBuffer> weights = copy(runner.used());
        if (start.containsKey(HeadGraph.WEIGHT) && !pace.goesOn()) {
            // What was there before has to be beaten, too. A last layer that begins at zero needs no beating.
            Score before = measure(validation);
            if (stopping.improves(0, before.loss())) {
                best = new TrainingReport.Best(0, before.loss(), before.accuracy());
                answers = before.answers();
            }
        }
        Pass pass = new Pass(examples, pace, "search");
        String stopped = "all " + pace.epochs() + " epochs are done";
        try (Progress.Task task = progress.start("training", pace.epochs())) {
            for (int epoch = 1; epoch <= pace.epochs(); epoch++) {
                Instant begin = clock.instant();
                Score trained = pass.epoch(epoch);
                Score measured = measure(validation);
                epochs.add(new TrainingReport.Epoch(
                        epoch,
                        pass.learningRate(epoch),
                        trained.loss(),
                        trained.accuracy(),
                        measured.loss(),
                        measured.accuracy(),
                        Duration.between(begin, clock.instant()).toNanos() / 1e9));
                if (stopping.improves(epoch, measured.loss())
                        || settings.earlyStopping().takesLast()) {
                    best = new TrainingReport.Best(epoch, measured.loss(), measured.accuracy());
                    answers = measured.answers();
                    overwrite(weights, runner.used());
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
        if (Double.isNaN(best.validationLoss())) {
            throw new Diverged("training diverged: the validation loss was never a number; "
                    + "lower optimizer.learningRate (it was " + pace.learningRate() + ")");
        }
        if (refit && best.epoch() > 0) {
            if (refit(start, examples.and(validation), best, pace, deadline)) {
                overwrite(weights, runner.used());
                stopped += "; then trained anew on training and validation pictures together";
            } else {
                stopped += "; no time was left to train anew on training and validation pictures together";
            }
        }
        return new Trained(weights, epochs, best, stopped, answers);
    }

    /**
     * Trains anew, from the start, on the training and the validation pictures together, for as long as was found best
     * (Goodfellow, Bengio and Courville, "Deep learning", 2016, algorithm 7.2): with few pictures, those that said when
     * to stop are too good to be left out. The learning rate falls to zero over these epochs, for which very few are too
     * few, so there is a least number. False if the time is up before it is done.
     */
    private boolean refit(
            Map<String, FloatBuffer> start,
            Examples all,
            TrainingReport.Best best,
            Pace pace,
            Optional<Instant> deadline) {
        int epochs = Math.max(best.epoch(), Math.min(LEAST_REFIT_EPOCHS, pace.epochs()));
        runner.start(start);
        Pass pass = new Pass(all, new Pace(epochs, pace.learningRate(), pace.suffixLearningRate(), false), "refit");
        try (Progress.Task task = progress.start("training on all", epochs)) {
            for (int epoch = 1; epoch <= epochs; epoch++) {
                if (isOver(deadline)) {
                    return false;
                }
                pass.epoch(epoch);
                task.at(epoch, "");
            }
        }
        return true;
    }

    /** The parameters as they stand: off the heap, which is small. */
    private static Map<String, FloatBuffer> copy(Map<String, Tensor> tensors) {
        Map<String, FloatBuffer> copies = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> copies.put(name, tensor.copy()));
        return copies;
    }

    /** Into the same memory: copies that only the garbage collector gives back would pile up, one for every epoch. */
    private static void overwrite(Map<String, FloatBuffer> copies, Map<String, Tensor> tensors) {
        tensors.forEach((name, tensor) ->
                Objects.requireNonNull(copies.get(name), name).duplicate().put(tensor.elements()));
    }

    private boolean isOver(Optional<Instant> deadline) {
        return deadline.isPresent() && clock.instant().isAfter(deadline.get());
    }

    private record Score(double loss, double accuracy, Answers answers) {}

    /** Training over epochs: what stays the same over them. */
    private final class Pass {
        private final Pace pace;
        private final int pictures;
        private final Batches batches;
        private final long stepsPerEpoch;
        private final Schedule schedule;

        Pass(Examples examples, Pace pace, String name) {
            this.pace = pace;
            this.pictures = examples.count();
            this.batches = new Batches(
                    examples, settings, graph.classes(), graph.portions().batch(), mixing, seed, name);
            this.stepsPerEpoch = batches.steps();
            this.schedule = new Schedule(
                    pace.learningRate(),
                    settings.optimizer().warmUpEpochs() * stepsPerEpoch,
                    pace.epochs() * stepsPerEpoch);
        }

        double learningRate(int epoch) {
            return schedule.at(epoch * stepsPerEpoch - 1);
        }

        Score epoch(int epoch) {
            JavaHeap.settle();
            double lossSum = 0;
            int right = 0;
            long step = (epoch - 1) * stepsPerEpoch;
            for (Batch batch : batches.of(epoch)) {
                double rate = schedule.at(step);
                step++;
                StepRunner.Outcome outcome = runner.step(batch, scalars(step, rate), seed);
                lossSum += outcome.loss();
                for (int i = 0; i < batch.size(); i++) {
                    // Of a mix, what counts most.
                    right += best(outcome.logits()[i]) == best(batch.targets()[i]) ? 1 : 0;
                }
            }
            return new Score(lossSum / pictures, (double) right / pictures, Answers.NONE);
        }

        private Map<String, Float> scalars(long step, double rate) {
            Updates updates = graph.training().updates();
            Map<String, Float> rates = new LinkedHashMap<>();
            rates.put("", (float) rate);
            if (!graph.suffix().parameters().isEmpty()) {
                double ratio = pace.suffixLearningRate() / pace.learningRate();
                rates.put(HeadGraph.SUFFIX, (float) (rate * ratio));
            }
            return updates.scalars(step, rates);
        }
    }

    /** Cross-entropy and accuracy on plain pictures: no dropout, no smoothing, no penalty. */
    private Score measure(Examples examples) {
        Answers answers = runner.answers(examples);
        return new Score(answers.loss(), (double) answers.right() / examples.count(), answers);
    }

    private static int best(float[] scores) {
        int best = 0;
        for (int c = 1; c < scores.length; c++) {
            best = scores[c] > scores[best] ? c : best;
        }
        return best;
    }

    @Override
    public void close() {
        runner.close();
    }
}
