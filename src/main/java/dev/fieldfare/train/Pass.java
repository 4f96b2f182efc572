package dev.fieldfare.train;

import dev.fieldfare.autodiff.Updates;
import dev.fieldfare.noise.Seed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Training over epochs: what stays the same over them. */
final class Pass {
    private final HeadGraph graph;
    private final StepRunner runner;
    private final FineTuner.Pace pace;
    private final Batches batches;
    private final Seed seed;
    private final long stepsPerEpoch;
    private final Schedule schedule;

    Pass(HeadGraph graph, StepRunner runner, Batches batches, int warmUpEpochs, FineTuner.Pace pace, Seed seed) {
        this.graph = graph;
        this.runner = runner;
        this.batches = batches;
        this.pace = pace;
        this.seed = seed;
        this.stepsPerEpoch = batches.steps();
        this.schedule = new Schedule(pace.learningRate(), warmUpEpochs * stepsPerEpoch, pace.epochs() * stepsPerEpoch);
    }

    double learningRate(int epoch) {
        return schedule.at(epoch * stepsPerEpoch - 1);
    }

    /**
     * Trains an epoch.
     *
     * @param done what came of its first batches, which are passed over
     * @param after told after each step
     */
    Checkpoint.Tally epoch(int epoch, Checkpoint.Tally done, Consumer<Checkpoint.Tally> after) {
        JavaHeap.settle();
        Checkpoint.Tally tally = done;
        long step = (epoch - 1) * stepsPerEpoch;
        for (Batch batch : batches.of(epoch)) {
            double rate = schedule.at(step);
            step++;
            if (step - (epoch - 1) * stepsPerEpoch <= done.batches()) {
                continue;
            }
            StepRunner.Outcome outcome = runner.step(batch, scalars(step, rate), seed);
            int right = 0;
            for (int i = 0; i < batch.size(); i++) {
                // Of a mix, what counts most.
                right += best(outcome.logits()[i]) == best(batch.targets()[i]) ? 1 : 0;
            }
            tally = tally.and(outcome.loss(), right);
            after.accept(tally);
        }
        return tally;
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

    /** The place of the largest. */
    static int best(float[] scores) {
        int best = 0;
        for (int c = 1; c < scores.length; c++) {
            best = scores[c] > scores[best] ? c : best;
        }
        return best;
    }
}
