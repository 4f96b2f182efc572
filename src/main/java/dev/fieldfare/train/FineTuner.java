package dev.fieldfare.train;

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
    private final Slots slots;

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
     * @param answers on the validation pictures, in the best epoch; where that is always the last one, calibrated; none
     *     where this was interrupted after it
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
            Slots slots,
            InstantSource clock,
            Progress progress) {
        this.graph = graph;
        this.mixing = mixing;
        this.settings = settings;
        this.seed = seed;
        this.slots = slots;
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
        Slots.Slot slot = slots.next();
        Optional<Trained> done = slot.done();
        if (done.isPresent()) {
            return done.get();
        }
        runner.start(start);
        BestSoFar kept = new BestSoFar(copy(runner.used()));
        Map<String, FloatBuffer> tensors = runner.state();
        kept.weights.forEach((name, best) -> tensors.put("best of " + name, best));
        Keeper keeper = checkpoint -> slot.save(checkpoint, tensors);
        Checkpoint at = slot.resume(tensors).orElseGet(() -> begin(start, validation, pace, kept));
        if (!at.refit()) {
            at = search(at, examples, validation, pace, deadline, kept, keeper);
        }
        TrainingReport.Best best = at.best();
        if (Double.isNaN(best.validationLoss())) {
            throw new Diverged("training diverged: the validation loss was never a number; "
                    + "lower optimizer.learningRate (it was " + pace.learningRate() + ")");
        }
        if (settings.earlyStopping().takesLast()) {
            kept.answers = runner.calibrated(validation);
        }
        String stopped = at.stopped();
        if (refit && best.epoch() > 0) {
            if (refit(at, start, examples.and(validation), pace, deadline, keeper)) {
                kept.take(runner.used(), kept.answers);
                stopped += "; then trained anew on training and validation pictures together";
            } else {
                stopped += "; no time was left to train anew on training and validation pictures together";
            }
        }
        Trained trained = new Trained(kept.weights, at.epochs(), best, stopped, kept.answers);
        slot.done(trained);
        return trained;
    }

    /** Of the best epoch so far. */
    private static final class BestSoFar {
        private final Map<String, FloatBuffer> weights;
        private Answers answers = Answers.NONE;

        BestSoFar(Map<String, FloatBuffer> weights) {
            this.weights = weights;
        }

        /** Into the same memory: copies that only the garbage collector gives back would pile up, one for every epoch. */
        void take(Map<String, Tensor> tensors, Answers its) {
            tensors.forEach((name, tensor) ->
                    Objects.requireNonNull(weights.get(name), name).duplicate().put(tensor.elements()));
            answers = its;
        }
    }

    /** Keeps how far a training has come. */
    private interface Keeper {
        void keep(Checkpoint checkpoint);
    }

    /** Before the first step. */
    private Checkpoint begin(Map<String, FloatBuffer> start, Examples validation, Pace pace, BestSoFar kept) {
        double lowest = Double.POSITIVE_INFINITY;
        TrainingReport.Best best = new TrainingReport.Best(0, Double.NaN, Double.NaN);
        if (start.containsKey(HeadGraph.WEIGHT) && !pace.goesOn()) {
            // What was there before has to be beaten, too. A last layer that begins at zero needs no beating.
            Score before = measure(validation);
            if (before.loss() < lowest) {
                lowest = before.loss();
                best = new TrainingReport.Best(0, before.loss(), before.accuracy());
                kept.answers = before.answers();
            }
        }
        return new Checkpoint(false, 1, Checkpoint.Tally.NONE, lowest, 0, best, List.of(), "");
    }

    /** Trains on until it is to stop; what is of the best epoch is in {@code kept} then. */
    private Checkpoint search(
            Checkpoint from,
            Examples examples,
            Examples validation,
            Pace pace,
            Optional<Instant> deadline,
            BestSoFar kept,
            Keeper keeper) {
        EarlyStopping stopping =
                new EarlyStopping(settings.earlyStopping().patience(), from.lowest(), from.lowestEpoch());
        List<TrainingReport.Epoch> epochs = new ArrayList<>(from.epochs());
        TrainingReport.Best best = from.best();
        Pass pass = pass(examples, pace, "search");
        String stopped = "all " + pace.epochs() + " epochs are done";
        try (Progress.Task task = progress.start("training", pace.epochs())) {
            for (int epoch = from.epoch(); epoch <= pace.epochs(); epoch++) {
                Instant begin = clock.instant();
                Checkpoint here = new Checkpoint(
                        false,
                        epoch,
                        epoch == from.epoch() ? from.tally() : Checkpoint.Tally.NONE,
                        stopping.lowest(),
                        stopping.bestEpoch(),
                        best,
                        epochs,
                        "");
                Checkpoint.Tally trained = pass.epoch(epoch, here.tally(), tally -> keeper.keep(here.at(tally)));
                Score measured = measure(validation);
                epochs.add(new TrainingReport.Epoch(
                        epoch,
                        pass.learningRate(epoch),
                        trained.loss() / examples.count(),
                        (double) trained.right() / examples.count(),
                        measured.loss(),
                        measured.accuracy(),
                        Duration.between(begin, clock.instant()).toNanos() / 1e9));
                if (stopping.improves(epoch, measured.loss())
                        || settings.earlyStopping().takesLast()) {
                    best = new TrainingReport.Best(epoch, measured.loss(), measured.accuracy());
                    kept.take(runner.used(), measured.answers());
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
        return new Checkpoint(
                false,
                epochs.size(),
                Checkpoint.Tally.NONE,
                stopping.lowest(),
                stopping.bestEpoch(),
                best,
                epochs,
                stopped);
    }

    private Pass pass(Examples examples, Pace pace, String purpose) {
        int batch = graph.portions().batch();
        Batches batches = new Batches(examples, settings, graph.classes(), batch, mixing, seed, purpose);
        return new Pass(graph, runner, batches, settings.optimizer().warmUpEpochs(), pace, seed);
    }

    /**
     * Trains anew, from the start, on the training and the validation pictures together, for as long as was found best
     * (Goodfellow, Bengio and Courville, "Deep learning", 2016, algorithm 7.2): with few pictures, those that said when
     * to stop are too good to be left out. The learning rate falls to zero over these epochs, for which very few are too
     * few, so there is a least number. False if the time is up before it is done.
     */
    private boolean refit(
            Checkpoint from,
            Map<String, FloatBuffer> start,
            Examples all,
            Pace pace,
            Optional<Instant> deadline,
            Keeper keeper) {
        int epochs = Math.max(from.best().epoch(), Math.min(LEAST_REFIT_EPOCHS, pace.epochs()));
        if (!from.refit()) {
            runner.start(start);
        }
        Pass pass = pass(all, new Pace(epochs, pace.learningRate(), pace.suffixLearningRate(), false), "refit");
        try (Progress.Task task = progress.start("training on all", epochs)) {
            for (int epoch = from.refit() ? from.epoch() : 1; epoch <= epochs; epoch++) {
                if (isOver(deadline)) {
                    return false;
                }
                Checkpoint here = from.refitting(epoch);
                Checkpoint.Tally done = from.refit() && epoch == from.epoch() ? from.tally() : Checkpoint.Tally.NONE;
                pass.epoch(epoch, done, tally -> keeper.keep(here.at(tally)));
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

    private boolean isOver(Optional<Instant> deadline) {
        return deadline.isPresent() && clock.instant().isAfter(deadline.get());
    }

    private record Score(double loss, double accuracy, Answers answers) {}

    /**
     * Cross-entropy and accuracy on plain pictures: no dropout, no smoothing, no penalty. Where deeper layers learn, they soon
     * are surer of themselves than they should be, while they still learn to tell the labels apart: the loss would choose
     * too early an epoch, or none. So it is taken as the finished model will have it, calibrated.
     */
    private Score measure(Examples examples) {
        Answers answers = graph.suffix().isEmpty() ? runner.answers(examples) : runner.calibrated(examples);
        return new Score(answers.loss(), (double) answers.right() / examples.count(), answers);
    }

    @Override
    public void close() {
        runner.close();
    }
}
