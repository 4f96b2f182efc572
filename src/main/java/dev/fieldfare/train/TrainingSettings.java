package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Noises;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/**
 * What a retraining is asked to do: the keys of its configuration file.
 *
 * @param train what is trained: {@code auto}, {@code last}, {@code blocks:K}, {@code from:NODE}, {@code all}, {@code
 *     bias:K} or {@code sparse:W/B}
 * @param seed of all randomness
 * @param epochs at most so many passes over the training pictures, 1 to 10,000
 * @param minutes at most so long, by the clock; 0 sets no limit. A run that ends by the clock cannot be repeated exactly
 * @param batch pictures a step, 1 to 4,096; the plan may take fewer
 * @param threads that work on one operator, 0 for as many as there are processors, at most 4
 * @param budget the most memory that the whole process may take, such as {@code 192M}; {@code none} sets no limit
 * @param average how the new model's averaged looks are measured, such as {@code crops:5+flip}
 * @param calibrate whether the new model's probabilities are calibrated on held-back pictures
 * @param unknown when the new model is to answer that it does not know
 * @param augment views by which training sees more than there is
 */
public record TrainingSettings(
        String train,
        long seed,
        int epochs,
        double minutes,
        int batch,
        int threads,
        String budget,
        String average,
        boolean calibrate,
        OptimizerSettings optimizer,
        SuffixSettings suffix,
        Regularization regularization,
        NoiseSettings noise,
        Augment augment,
        SplitSettings split,
        EarlyStop earlyStopping,
        EnsembleSettings ensemble,
        UnknownSettings unknown) {

    /** Less than that is a forgotten unit. */
    private static final long LEAST_BUDGET_BYTES = 1024 * 1024;

    public static final TrainingSettings DEFAULT = new TrainingSettings(
            "auto",
            1,
            60,
            0,
            32,
            0,
            "none",
            "crops:5+flip",
            true,
            new OptimizerSettings("adam", 0, 0.9, 2, 0, 0),
            SuffixSettings.DEFAULT,
            new Regularization(0.005, 0, 0, 0, 0, ClassWeights.NONE),
            NoiseSettings.NONE,
            new Augment(4, 0.5, Map.of("crop", 0.2, "flip", 0.5)),
            SplitSettings.DEFAULT,
            new EarlyStop(12, true, EarlyStop.Weights.BEST),
            EnsembleSettings.NONE,
            UnknownSettings.DEFAULT);

    /**
     * How weights follow gradients.
     *
     * @param name {@code adam} or {@code sgd}
     * @param learningRate the highest, before the cosine takes it down; 0 takes 0.64 divided by the number of features
     * @param momentum of {@code sgd}, 0 to 0.999
     * @param warmUpEpochs over which the learning rate rises, 0 to 1,000
     * @param clipNorm longest gradient, of all parameters as one vector, that is followed as it is; longer ones are
     *     shortened to that. 0 sets no limit
     * @param averaging decay of a moving average of the weights, which is then what is used: 0 for none, say 0.999
     */
    public record OptimizerSettings(
            String name, double learningRate, double momentum, int warmUpEpochs, double clipNorm, double averaging) {
        private static final double LEARNING_RATE_BY_WIDTH = 0.64;
        private static final double ADAM_SUFFIX_LEARNING_RATE = 0.0003;
        private static final double ADAM_SUFFIX_LEARNING_RATE_BY_WIDTH = 0.128;
        private static final double SGD_SUFFIX_LEARNING_RATE = 0.01;

        public OptimizerSettings {
            if (!Optimizers.names().contains(name)) {
                throw new FieldfareException(
                        "optimizer.name cannot be '" + name + "'; it is one of " + Optimizers.names());
            }
            Settings.requireRange("optimizer.learningRate", learningRate, 0, 100);
            Settings.requireRange("optimizer.momentum", momentum, 0, 0.999);
            Settings.requireRange("optimizer.warmUpEpochs", warmUpEpochs, 0, 1000);
            Settings.requireRange("optimizer.clipNorm", clipNorm, 0, 1e6);
            Settings.requireRange("optimizer.averaging", averaging, 0, 0.99999);
        }

        /**
         * The highest learning rate that is meant. A step moves every weight by about the learning rate, and a logit is
         * a sum over all features, so the wider the features, the smaller the steps must be; the factor was found on
         * four backbones of 112 to 1,280 features, see the benchmarks.
         */
        double peakLearningRate(int features) {
            return learningRate > 0 ? learningRate : LEARNING_RATE_BY_WIDTH / features;
        }

        /**
         * The highest learning rate that is meant for layers before the last: smaller in wide networks, for the same
         * reason as in {@link #peakLearningRate}. MobileNetV2, 1,280 features wide, unlearns with 0.0003 what 0.0001
         * makes better.
         */
        double suffixLearningRate(SuffixSettings suffix, int features) {
            double adam = Math.min(ADAM_SUFFIX_LEARNING_RATE, ADAM_SUFFIX_LEARNING_RATE_BY_WIDTH / features);
            double own = name.equals("adam") ? adam : SGD_SUFFIX_LEARNING_RATE;
            return suffix.learningRate() > 0 ? suffix.learningRate() : own;
        }
    }

    /**
     * What keeps weights from fitting the training pictures too closely.
     *
     * @param l2 added to the loss: {@code l2 / 2} times the sum of squares of the weights, not of the biases
     * @param l1 added to the loss: {@code l1} times the sum of absolute values of the weights
     * @param weightDecay decoupled from the gradient: each step takes {@code weightDecay} times its learning rate from
     *     every weight, whatever the optimizer
     * @param maxNorm longest vector that the incoming weights of an output unit may make, after every step; 0 for any
     * @param labelSmoothing how much of each target is spread over all classes, 0 up to 0.9
     * @param classWeights whether rare classes count as much as frequent ones
     */
    public record Regularization(
            double l2,
            double l1,
            double weightDecay,
            double maxNorm,
            double labelSmoothing,
            ClassWeights classWeights) {
        public Regularization {
            Settings.requireRange("regularization.l2", l2, 0, 100);
            Settings.requireRange("regularization.l1", l1, 0, 100);
            Settings.requireRange("regularization.weightDecay", weightDecay, 0, 100);
            Settings.requireRange("regularization.maxNorm", maxNorm, 0, 1000);
            Settings.requireRange("regularization.labelSmoothing", labelSmoothing, 0, 0.9);
        }
    }

    /** How much each class counts in the loss. */
    public enum ClassWeights {
        /** Every picture counts the same. */
        NONE,
        /** Every class counts the same. */
        BALANCED
    }

    /**
     * Views of each training picture besides the plain one, drawn once and cached as features.
     *
     * @param views how many, 0 to 1,000; the plan may take fewer
     * @param plain how often training sees the plain view all the same, 0 to 1: in use it is the one that counts
     * @param strengths of the noises that change or mix pictures, by name, such as crop, flip, mixup
     */
    public record Augment(int views, double plain, Map<String, Double> strengths) {
        public Augment {
            Settings.requireRange("augment.views", views, 0, 1000);
            Settings.requireRange("augment.plain", plain, 0, 1);
            strengths = Collections.unmodifiableMap(new LinkedHashMap<>(new java.util.TreeMap<>(strengths)));
            strengths.forEach(Augment::noise);
        }

        /** The noises that change pictures, in the order of the table. */
        public List<Noise.OnPicture> noises() {
            return all().filter(Noise.OnPicture.class::isInstance)
                    .map(Noise.OnPicture.class::cast)
                    .toList();
        }

        /** The noises that mix pictures or features, in the order of the table. */
        public List<Noise.OnBatch> mixes() {
            return all().filter(Noise.OnBatch.class::isInstance)
                    .map(Noise.OnBatch.class::cast)
                    .toList();
        }

        private Stream<Noise> all() {
            return Noises.table().keySet().stream()
                    .filter(name -> strengths.getOrDefault(name, 0.0) > 0)
                    .map(name -> noise(name, strengths.getOrDefault(name, 0.0)));
        }

        private static Noise noise(String name, double strength) {
            var make = Noises.table().get(name);
            if (make == null || !isAugmentation(make)) {
                List<String> names = Noises.table().entrySet().stream()
                        .filter(entry -> isAugmentation(entry.getValue()))
                        .map(Map.Entry::getKey)
                        .toList();
                throw new FieldfareException("augment.strengths: '" + name
                        + "' does not change pictures; those that do: " + String.join(", ", names));
            }
            return make.apply(strength);
        }

        private static boolean isAugmentation(DoubleFunction<Noise> make) {
            Noise noise = make.apply(0);
            return noise instanceof Noise.OnPicture || noise instanceof Noise.OnBatch;
        }
    }

    /**
     * When training stops, and what happens then.
     *
     * @param patience epochs without a lower validation loss after which training stops; 0 never stops early
     * @param refit whether the weights are then trained anew on training and validation pictures together, for as many
     *     epochs as were best; otherwise the weights of the best epoch are taken
     * @param weights which epoch counts
     */
    public record EarlyStop(int patience, boolean refit, Weights weights) {
        /** Which epoch counts. */
        public enum Weights {
            /** That of the lowest validation loss. */
            BEST,
            /** The last, whatever the validation pictures say: with a patience of 0, no early stopping at all. */
            LAST
        }

        public EarlyStop {
            Settings.requireRange("earlyStopping.patience", patience, 0, 10_000);
        }

        boolean takesLast() {
            return weights == Weights.LAST;
        }
    }

    public TrainingSettings {
        TrainSpec.parse(train);
        Settings.requireRange("epochs", epochs, 1, 10_000);
        Settings.requireRange("minutes", minutes, 0, 100_000);
        Settings.requireRange("batch", batch, 1, 4096);
        Settings.requireRange("threads", threads, 0, 64);
        long bytes = MemorySize.parse("budget", budget);
        if (bytes > 0 && bytes < LEAST_BUDGET_BYTES) {
            throw new FieldfareException("budget: " + budget + " means " + bytes
                    + " bytes, in which no program fits; write " + "the unit, as in 192M");
        }
        dev.fieldfare.predict.Averaging.parse(average);
    }

    /** The same for something else to be trained. */
    TrainingSettings withTrain(TrainSpec spec) {
        return with(spec.spec(), epochs, suffix, earlyStopping);
    }

    /**
     * What a member of an ensemble is trained with.
     *
     * @param member from 0
     * @throws FieldfareException naming the entry if its own settings are wrong
     */
    TrainingSettings ofMember(int member) {
        List<Map<String, Object>> own = ensemble.settings();
        return member < own.size()
                ? StrictYaml.override(this, own.get(member), "ensemble.settings, entry " + (member + 1))
                : this;
    }

    /** The same for one of so many cycles of a training that does not stop early: each ends when its share is over. */
    TrainingSettings ofCycle(int cycles) {
        int share = (epochs + cycles - 1) / cycles;
        int deeper = (suffix.effectiveEpochs(epochs) + cycles - 1) / cycles;
        return with(train, share, suffix.withEpochs(deeper), new EarlyStop(0, false, earlyStopping.weights()));
    }

    /** The same without mixing examples. */
    public TrainingSettings withoutMixes() {
        Map<String, Double> strengths = new LinkedHashMap<>(augment.strengths());
        augment.mixes().forEach(mix -> strengths.remove(mix.name()));
        return new TrainingSettings(
                train,
                seed,
                epochs,
                minutes,
                batch,
                threads,
                budget,
                average,
                calibrate,
                optimizer,
                suffix,
                regularization,
                noise,
                new Augment(augment.views(), augment.plain(), strengths),
                split,
                earlyStopping,
                ensemble,
                unknown);
    }

    /** The same for a training that others stop: it takes all its epochs, and what it has then. */
    TrainingSettings untilTheEnd() {
        return with(train, epochs, suffix, new EarlyStop(0, false, EarlyStop.Weights.LAST));
    }

    private TrainingSettings with(String otherTrain, int otherEpochs, SuffixSettings otherSuffix, EarlyStop stop) {
        return new TrainingSettings(
                otherTrain,
                seed,
                otherEpochs,
                minutes,
                batch,
                threads,
                budget,
                average,
                calibrate,
                optimizer,
                otherSuffix,
                regularization,
                noise,
                augment,
                split,
                stop,
                ensemble,
                unknown);
    }

    /** The budget in bytes; 0 where none is set. */
    public long budgetBytes() {
        return MemorySize.parse("budget", budget);
    }

    /** The threads that are meant: as asked for, or as many as there are processors, but at most 4. */
    public int effectiveThreads() {
        return threads > 0 ? threads : Math.min(4, Runtime.getRuntime().availableProcessors());
    }
}
