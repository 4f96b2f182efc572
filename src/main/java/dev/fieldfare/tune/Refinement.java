package dev.fieldfare.tune;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;

/**
 * The fifth and the seventh step: looks more closely around the best settings, at full length and on more folds, for as
 * long as it pays; then takes back every setting that made no difference.
 */
final class Refinement {
    /** Settings that are tried in a round. */
    private static final int ROUND = 6;

    /** Of what the round before looked at, a round looks at so much. */
    private static final double SHARE = 0.4;

    private final Laboratory laboratory;
    private final Workers workers;
    private final TrainingSettings base;
    private final Map<String, SearchSpace> spaces;
    private final Consumer<Trial> ended;
    private final DoublePredicate hasTime;
    private final int folds;
    private final List<Finding> refined = new ArrayList<>();
    private final List<Finding> rounds = new ArrayList<>();
    private int number;

    /**
     * What came of it.
     *
     * @param chosen the settings to train with
     * @param found the best of all, which is not chosen where it is better by no more than noise
     * @param before the settings that were there before
     * @param refined what was seen, for the fifth step
     * @param rounds whether it paid, for the seventh
     */
    record Result(Trial chosen, Trial found, Trial before, List<Finding> refined, List<Finding> rounds) {}

    /**
     * @param spaces that the coarse search had, by depth
     * @param number of the settings that were tried last
     * @param ended is told of every trial
     * @param hasTime whether there is time for work of so many seconds
     */
    Refinement(
            Laboratory laboratory,
            Workers workers,
            TrainingSettings base,
            Map<String, SearchSpace> spaces,
            int number,
            Consumer<Trial> ended,
            DoublePredicate hasTime) {
        this.laboratory = laboratory;
        this.workers = workers;
        this.base = base;
        this.spaces = spaces;
        this.number = number;
        this.ended = ended;
        this.hasTime = hasTime;
        this.folds = laboratory.foldsOfOneRound();
    }

    /**
     * Refines.
     *
     * @param coarse all trials of the coarse search
     * @param best of them
     * @param most rounds
     */
    Result run(List<Trial> coarse, Trial best, int most) {
        Trial before = before(coarse, best);
        Trial found = remeasured(best, before);
        for (int round = 1; round <= most; round++) {
            List<Trial> tried = round(found, round);
            if (tried.isEmpty()) {
                rounds.add(Finding.note((round == 1 ? "not refined" : "ended after round " + (round - 1))
                        + ": the time for more is needed to train with the result"));
                break;
            }
            Trial nearest =
                    tried.stream().min(Comparator.comparingDouble(Trial::loss)).orElseThrow();
            boolean pays = found.minus(nearest, folds).isWorse();
            rounds.add(inWords(round, found, nearest, pays));
            found = nearest.loss() < found.loss() ? nearest : found;
            if (!pays) {
                break;
            }
        }
        if (rounds.isEmpty()) {
            rounds.add(Finding.note("rounds is 0: nothing was refined"));
        }
        List<Trial> both = surer(found, before);
        return new Result(judged(both.getFirst(), both.getLast()), both.getFirst(), both.getLast(), refined, rounds);
    }

    /** What was found and what was there before, each on all folds if there is time: two leave much to chance. */
    private List<Trial> surer(Trial found, Trial before) {
        if (found.candidate() == before.candidate()
                || found.foldLosses().size() >= folds
                || !hasTime.test(secondsToJudge(found, before))) {
            return List.of(found, before);
        }
        return measure(
                "judge",
                List.of(found.values(), before.values()),
                List.of(found.candidate(), before.candidate()),
                new int[] {folds, folds});
    }

    /** The settings that were there before, measured as the best was. */
    private Trial before(List<Trial> coarse, Trial best) {
        return coarse.stream()
                .filter(trial -> trial.candidate() == 0)
                .max(Comparator.comparingDouble(Trial::effort))
                .filter(trial -> !hasTime.test(expected(trial, base.train()))
                        || trial.effort() == 1 && trial.foldLosses().size() == laboratory.allFolds(base.train()))
                .orElseGet(
                        () -> measure("refine", List.of(Map.of()), List.of(0)).getFirst());
    }

    /** At full length and on all folds, if there is time. */
    private Trial remeasured(Trial best, Trial before) {
        if (best.candidate() == 0) {
            return before;
        }
        return hasTime.test(expected(best, laboratory.depth(best.values())))
                ? measure("refine", List.of(best.values()), List.of(best.candidate()))
                        .getFirst()
                : best;
    }

    /** How long settings like those of a trial take in full. */
    private double expected(Trial trial, String depth) {
        return secondsOfFold(trial) * laboratory.allFolds(depth);
    }

    private static double secondsOfFold(Trial trial) {
        return trial.seconds()
                / (trial.effort() * Math.max(1, trial.foldLosses().size()));
    }

    private double secondsToJudge(Trial found, Trial before) {
        return folds * (secondsOfFold(found) + secondsOfFold(before)) / Math.min(2, workers.count());
    }

    private List<Trial> measure(String phase, List<Map<String, Object>> points, List<Integer> numbers) {
        return measure(
                phase,
                points,
                numbers,
                points.stream()
                        .mapToInt(point -> laboratory.allFolds(laboratory.depth(point)))
                        .toArray());
    }

    private List<Trial> measure(
            String phase, List<Map<String, Object>> points, List<Integer> numbers, int[] foldsOfEach) {
        List<Future<Trial>> started = IntStream.range(0, points.size())
                .mapToObj(i ->
                        workers.start(() -> laboratory.run(numbers.get(i), phase, points.get(i), 1, foldsOfEach[i])))
                .toList();
        List<Trial> trials = new ArrayList<>();
        for (Future<Trial> one : started) {
            Trial trial = Workers.result(one);
            ended.accept(trial);
            trials.add(trial);
        }
        return trials;
    }

    /** Settings around the best; none where there is no time. */
    private List<Trial> round(Trial best, int round) {
        String depth = laboratory.depth(best.values());
        SearchSpace space = spaces.getOrDefault(depth, new SearchSpace(Map.of()));
        double judging = laboratory.allFolds(depth) < folds ? secondsToJudge(best, best) : 0;
        double seconds = ROUND * expected(best, depth) / Math.min(workers.count(), ROUND) + judging;
        if (space.ranges().isEmpty() || !hasTime.test(seconds)) {
            return List.of();
        }
        Map<String, Object> centre = new LinkedHashMap<>();
        space.ranges().keySet().forEach(key -> centre.put(key, SearchSpace.valueIn(base, key)));
        centre.putAll(best.values());
        SearchSpace near = space.around(centre, Math.pow(SHARE, round));
        String phase = "refine " + round;
        List<Map<String, Object>> points = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < ROUND; i++) {
            number++;
            Map<String, Object> point = new LinkedHashMap<>(best.values());
            point.putAll(near.draw(new Seed(base.seed()), phase, number));
            points.add(point);
            numbers.add(number);
        }
        return measure(phase, points, numbers);
    }

    private Finding inWords(int round, Trial found, Trial nearest, boolean pays) {
        String text = String.format(
                Locale.ROOT,
                "round %d: loss %.4f, best around it %.4f (standard error of the difference %.4f); %s",
                round,
                found.loss(),
                nearest.loss(),
                found.minus(nearest, folds).standardError(),
                pays ? "that pays, so once more" : "that does not pay, so it ends here");
        return pays ? Finding.good(text) : Finding.note(text);
    }

    /** What was there before, if nothing is better than it by more than noise. */
    private Trial judged(Trial found, Trial before) {
        Difference gain = before.minus(found, folds);
        String figures = String.format(
                Locale.ROOT,
                "loss %.4f, before %.4f (standard error of the difference %.4f), accuracy %.1f %%, before %.1f %%",
                found.loss(),
                before.loss(),
                gain.standardError(),
                100 * found.accuracy(),
                100 * before.accuracy());
        if (!gain.isWorse()) {
            refined.add(Finding.good(
                    "the settings that were there before are as good as the best, within noise, and are kept: "
                            + figures));
            return before;
        }
        refined.add(Finding.good("better than the settings that were there before: " + figures));
        return simplified(found);
    }

    /**
     * Takes settings back, those first whose change did least, as long as the loss stays within one standard error of the
     * best (the "one-standard-error rule" of Breiman et al., "Classification and regression trees", 1984, section 3.4.3).
     */
    private Trial simplified(Trial best) {
        String depth = laboratory.depth(best.values());
        List<String> keys = new ArrayList<>(best.values().keySet());
        keys.remove("train");
        double seconds = (keys.size() + 1) * expected(best, depth) / Math.min(workers.count(), keys.size() + 1);
        if (keys.isEmpty() || best.effort() < 1 || !hasTime.test(seconds)) {
            return best;
        }
        List<Integer> numbers = new ArrayList<>();
        keys.forEach(key -> numbers.add(++number));
        List<Trial> single = measure(
                "simplify",
                keys.stream().map(key -> without(best.values(), List.of(key))).toList(),
                numbers);
        List<String> back = new ArrayList<>();
        IntStream.range(0, keys.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> single.get(i).loss()))
                .forEach(i -> {
                    Difference cost = single.get(i).minus(best, folds);
                    if (!cost.isWorse()) {
                        back.add(keys.get(i));
                    } else {
                        refined.add(Finding.note(String.format(
                                Locale.ROOT,
                                "%s matters: at its old value the loss is %.4f higher (standard error %.4f)",
                                keys.get(i),
                                cost.mean(),
                                cost.standardError())));
                    }
                });
        // Each for itself makes no difference; together they may.
        while (!back.isEmpty()) {
            Trial together = back.size() == 1
                    ? single.get(keys.indexOf(back.getFirst()))
                    : measure("simplify", List.of(without(best.values(), back)), List.of(++number))
                            .getFirst();
            if (!together.minus(best, folds).isWorse()) {
                refined.add(
                        Finding.note("makes no difference and is left at its old value: " + String.join(", ", back)));
                return together;
            }
            back.removeLast();
        }
        return best;
    }

    private static Map<String, Object> without(Map<String, Object> values, List<String> keys) {
        Map<String, Object> fewer = new LinkedHashMap<>(values);
        fewer.keySet().removeAll(keys);
        return fewer;
    }
}
