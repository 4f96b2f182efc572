package dev.fieldfare.tune;

import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks more closely around the best settings, at full length and on more folds, for as long as it pays; then takes back
 * every setting that made no difference.
 */
final class Refinement {
    /** Settings that are tried in a round. */
    private static final int ROUND = 6;

    /** Of each range, a round looks at so much of what the round before looked at. */
    private static final double SHARE = 0.4;

    private final Laboratory laboratory;
    private final Workers workers;
    private final Consumer<Trial> ended;
    private final Predicate<Double> hasTime;
    private int number;

    /**
     * @param number of the settings that were tried last
     * @param ended is told of every trial
     * @param hasTime whether there is time for trials that take so many seconds altogether on one thread
     */
    Refinement(Laboratory laboratory, Workers workers, int number, Consumer<Trial> ended, Predicate<Double> hasTime) {
        this.laboratory = laboratory;
        this.workers = workers;
        this.number = number;
        this.ended = ended;
        this.hasTime = hasTime;
    }

    /** Tries settings on all folds, at full length. */
    List<Trial> measure(String phase, List<Map<String, Object>> points, List<Integer> numbers) {
        List<Future<Trial>> started = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            int candidate = numbers.get(i);
            Map<String, Object> values = points.get(i);
            started.add(workers.start(() -> laboratory.run(candidate, phase, values, 1, laboratory.allFolds())));
        }
        List<Trial> trials = new ArrayList<>();
        for (Future<Trial> one : started) {
            Trial trial = Workers.result(one);
            ended.accept(trial);
            trials.add(trial);
        }
        return trials;
    }

    /**
     * One round around the best.
     *
     * @param space that the coarse search had, at the depth of the best
     * @param round from 1; each looks more closely
     * @return what was tried; empty where there is no time
     */
    List<Trial> round(
            Trial best, SearchSpace space, Map<String, Object> base, int round, dev.fieldfare.noise.Seed seed) {
        if (!hasTime.test(ROUND * best.seconds())) {
            return List.of();
        }
        Map<String, Object> centre = new LinkedHashMap<>(base);
        centre.putAll(best.values());
        SearchSpace near = space.around(centre, Math.pow(SHARE, round));
        String phase = "refine " + round;
        List<Map<String, Object>> points = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < ROUND; i++) {
            number++;
            Map<String, Object> point = new LinkedHashMap<>(best.values());
            point.putAll(near.draw(seed, phase, number));
            points.add(point);
            numbers.add(number);
        }
        return measure(phase, points, numbers);
    }

    /**
     * Takes settings back one after the other, those first whose change did least, as long as the loss stays within one
     * standard error of the best ("one-standard-error rule", Breiman et al., "Classification and regression trees", 1984,
     * section 3.4.3).
     *
     * @param findings receives a sentence for each
     * @return what is left
     */
    Trial simplify(Trial best, List<Finding> findings) {
        if (best.values().isEmpty() || !hasTime.test(best.values().size() * best.seconds())) {
            return best;
        }
        List<String> keys = new ArrayList<>(best.values().keySet());
        keys.remove("train");
        List<Map<String, Object>> points = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (String key : keys) {
            points.add(without(best.values(), List.of(key)));
            number++;
            numbers.add(number);
        }
        List<Trial> single = measure("simplify", points, numbers);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(i -> single.get(i).loss()));
        Trial simplest = best;
        List<String> back = new ArrayList<>();
        for (int i : order) {
            Difference cost = single.get(i).minus(best, laboratory.foldsOfOneRound());
            if (!cost.isWorse()) {
                back.add(keys.get(i));
            } else {
                findings.add(Finding.note(String.format(
                        Locale.ROOT,
                        "%s matters: back at its old value the loss is %.4f higher (standard error %.4f)",
                        keys.get(i),
                        cost.mean(),
                        cost.standardError())));
            }
        }
        // Each for itself makes no difference; together they may.
        while (!back.isEmpty()) {
            Trial together = back.size() == 1
                    ? single.get(keys.indexOf(back.getFirst()))
                    : one("simplify", without(best.values(), back));
            if (!together.minus(best, laboratory.foldsOfOneRound()).isWorse()) {
                simplest = together;
                findings.add(Finding.note("within noise, and so left at their old values: " + String.join(", ", back)));
                break;
            }
            back.removeLast();
        }
        return simplest;
    }

    private Trial one(String phase, Map<String, Object> values) {
        number++;
        return measure(phase, List.of(values), List.of(number)).getFirst();
    }

    private static Map<String, Object> without(Map<String, Object> values, List<String> keys) {
        Map<String, Object> fewer = new LinkedHashMap<>(values);
        fewer.keySet().removeAll(keys);
        return fewer;
    }
}
