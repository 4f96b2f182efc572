package dev.fieldfare.train;

import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The batches of a training: in which order its examples come, by which of their views, mixed with which others, and what
 * should be said of them.
 */
final class Batches {
    private final Examples examples;
    private final TrainingSettings settings;
    private final int batch;
    private final Optional<Mixing> mixing;
    private final Seed seed;
    private final String purpose;
    private final float[] classWeights;

    /**
     * @param classes how many there are
     * @param batch examples a step
     * @param purpose what tells this training from others of the same seed
     */
    Batches(
            Examples examples,
            TrainingSettings settings,
            int classes,
            int batch,
            Optional<Mixing> mixing,
            Seed seed,
            String purpose) {
        this.examples = examples;
        this.settings = settings;
        this.batch = batch;
        this.mixing = mixing;
        this.seed = seed;
        this.purpose = purpose;
        this.classWeights = classWeights(classes);
    }

    int steps() {
        return (examples.count() + batch - 1) / batch;
    }

    /** Those of an epoch, counted from 1: each example once, in a new order. */
    Iterable<Batch> of(int epoch) {
        return () -> new Epoch(epoch);
    }

    private final class Epoch implements Iterator<Batch> {
        private final int epoch;
        private final int[] order;
        private final RandomGenerator choice;
        private int start;

        Epoch(int epoch) {
            this.epoch = epoch;
            order = Noises.permutation(examples.count(), seed.generator(purpose + " order", epoch));
            choice = seed.generator(purpose + " view", epoch);
        }

        @Override
        public boolean hasNext() {
            return start < order.length;
        }

        @Override
        public Batch next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int size = Math.min(batch, order.length - start);
            int[] numbers = new int[size];
            int[] views = new int[size];
            float[][] targets = new float[size][];
            Map<Integer, Batch.Partner> partners = new HashMap<>();
            for (int i = 0; i < size; i++) {
                int example = order[start + i];
                numbers[i] = examples.pictures()[example];
                views[i] = view(choice);
                targets[i] = target(examples.labels()[example]);
                if (mixing.isPresent()) {
                    partners.put(i, partner(start + i, targets[i]));
                }
            }
            Batch next = new Batch(numbers, views, partners, targets, epoch, start);
            start += size;
            return next;
        }

        /** Drawn for each example by itself, so that it does not matter how a batch is cut up; mixes its target, too. */
        private Batch.Partner partner(int place, float[] target) {
            RandomGenerator random = seed.generator(purpose + " mix", epoch, place);
            int other = random.nextInt(examples.count());
            Batch.Partner partner = mixing.orElseThrow().partner(examples.pictures()[other], view(random), random);
            float share = (float) partner.mix().share();
            float[] ofOther = target(examples.labels()[other]);
            for (int c = 0; c < target.length; c++) {
                target[c] = share * target[c] + (1 - share) * ofOther[c];
            }
            return partner;
        }
    }

    private int view(RandomGenerator random) {
        int changed = examples.views();
        boolean plain = changed == 0 || random.nextDouble() < settings.augment().plain();
        return plain ? 0 : 1 + random.nextInt(changed);
    }

    private float[] target(int label) {
        double smoothing = settings.regularization().labelSmoothing();
        float[] target = new float[classWeights.length];
        for (int c = 0; c < target.length; c++) {
            target[c] = (float) (classWeights[label] * ((c == label ? 1 - smoothing : 0) + smoothing / target.length));
        }
        return target;
    }

    /** One for every class, or inversely proportional to how frequent it is, with a mean of one over the pictures. */
    private float[] classWeights(int classes) {
        int[] labels = examples.labels();
        float[] weights = new float[classes];
        Arrays.fill(weights, 1);
        if (settings.regularization().classWeights() == TrainingSettings.ClassWeights.BALANCED) {
            int[] counts = new int[classes];
            for (int label : labels) {
                counts[label]++;
            }
            for (int c = 0; c < classes; c++) {
                weights[c] = counts[c] == 0 ? 0 : (float) labels.length / (classes * counts[c]);
            }
        }
        return weights;
    }
}
