package dev.fieldfare.train;

import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import java.util.Arrays;

/**
 * Softmax regression with momentum, written out in double precision from the textbook: what {@link FineTuner} must
 * agree with. Features as they are, one view each, no dropout.
 */
final class PlainTraining {
    private final TrainingSettings settings;
    private final int classes;
    private final int width;
    final double[][] weight;
    final double[] bias;
    private final double[][] weightVelocity;
    private final double[] biasVelocity;

    PlainTraining(TrainingSettings settings, int classes, int width) {
        this.settings = settings;
        this.classes = classes;
        this.width = width;
        this.weight = new double[classes][width];
        this.bias = new double[classes];
        this.weightVelocity = new double[classes][width];
        this.biasVelocity = new double[classes];
    }

    double[] logProbabilities(float[] x) {
        double[] logits = new double[classes];
        for (int c = 0; c < classes; c++) {
            logits[c] = bias[c];
            for (int f = 0; f < width; f++) {
                logits[c] += weight[c][f] * x[f];
            }
        }
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(z -> Math.exp(z - largest)).sum();
        return Arrays.stream(logits).map(z -> z - largest - Math.log(sum)).toArray();
    }

    double loss(float[][] features, int[] labels) {
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= logProbabilities(features[i])[labels[i]];
        }
        return sum / labels.length;
    }

    /** One epoch; returns its mean loss, without penalties. */
    double epoch(float[][] features, int[] labels, int batch, int epoch, Seed seed) {
        int steps = (labels.length + batch - 1) / batch;
        Schedule schedule = new Schedule(
                settings.optimizer().learningRate(),
                (long) settings.optimizer().warmUpEpochs() * steps,
                (long) settings.epochs() * steps);
        int[] order = Noises.permutation(labels.length, seed.generator("search order", epoch));
        double loss = 0;
        for (int step = 0; step < steps; step++) {
            int[] chosen = Arrays.copyOfRange(order, step * batch, Math.min(labels.length, (step + 1) * batch));
            loss += chosen.length * step(features, labels, chosen, schedule.at((epoch - 1L) * steps + step));
        }
        return loss / labels.length;
    }

    private double step(float[][] features, int[] labels, int[] chosen, double learningRate) {
        var regularization = settings.regularization();
        double[][] weightGradient = new double[classes][width];
        double[] biasGradient = new double[classes];
        double loss = 0;
        for (int i : chosen) {
            double[] logs = logProbabilities(features[i]);
            double[] targets = targets(labels, labels[i]);
            double total = Arrays.stream(targets).sum();
            for (int c = 0; c < classes; c++) {
                loss -= targets[c] * logs[c] / chosen.length;
                double gradient = (total * Math.exp(logs[c]) - targets[c]) / chosen.length;
                biasGradient[c] += gradient;
                for (int f = 0; f < width; f++) {
                    weightGradient[c][f] += gradient * features[i][f];
                }
            }
        }
        for (int c = 0; c < classes; c++) {
            for (int f = 0; f < width; f++) {
                double w = weight[c][f];
                weightGradient[c][f] += regularization.l2() * w + regularization.l1() * Math.signum(w);
            }
        }
        for (int c = 0; c < classes; c++) {
            biasVelocity[c] = settings.optimizer().momentum() * biasVelocity[c] + biasGradient[c];
            bias[c] -= learningRate * biasVelocity[c];
            for (int f = 0; f < width; f++) {
                weightVelocity[c][f] = settings.optimizer().momentum() * weightVelocity[c][f] + weightGradient[c][f];
                weight[c][f] -= learningRate * (weightVelocity[c][f] + regularization.weightDecay() * weight[c][f]);
            }
            double length = Math.sqrt(Arrays.stream(weight[c]).map(w -> w * w).sum());
            if (regularization.maxNorm() > 0 && length > regularization.maxNorm()) {
                for (int f = 0; f < width; f++) {
                    weight[c][f] *= regularization.maxNorm() / length;
                }
            }
        }
        return loss;
    }

    private double[] targets(int[] labels, int label) {
        double smoothing = settings.regularization().labelSmoothing();
        double factor = 1;
        if (settings.regularization().classWeights() == TrainingSettings.ClassWeights.BALANCED) {
            long count = Arrays.stream(labels).filter(other -> other == label).count();
            factor = (double) labels.length / (classes * count);
        }
        double[] targets = new double[classes];
        for (int c = 0; c < classes; c++) {
            targets[c] = factor * ((c == label ? 1 - smoothing : 0) + smoothing / classes);
        }
        return targets;
    }
}
