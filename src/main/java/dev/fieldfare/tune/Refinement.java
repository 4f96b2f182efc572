package dev.fieldfare.tune;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.TrainingSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The fifth and the seventh step: looks more closely around the best settings, at full length and on more folds, for as
 * long as it pays; then takes back every setting that made no difference.
 */
final class Refinement {
    /** Settings that are tried in a round. */
    private static final int ROUND = 6;

    /** Of what the round before looked at, a round looks at so much. */
    private static final double SHARE = 0.4;

    /** Of the coarse search, which measures on few pictures, so many are measured again: the first of it may be lucky. */
    private static final int FINALISTS = 3;

    private final FullTrials full;
    private final TrainingSettings base;
    private final Map<String, SearchSpace> spaces;
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
     * @param full measures
     * @param folds of one round of cross-validation
     * @param spaces that the coarse search had, by depth
     * @param number of the settings that were tried last
     * @param hasTime whether there is time for work of so many seconds
     */
    Refinement(
            FullTrials full,
            int folds,
            TrainingSettings base,
            Map<String, SearchSpace> spaces,
            int number,
            DoublePredicate hasTime) {
        this.full = full;
        this.folds = folds;
        this.base = base;
        this.spaces = spaces;
        this.number = number;
        this.hasTime = hasTime;
    }

    /**
     * Refines.
     *
     * @param coarse all trials of the coarse search
     * @param best of them
     * @param most rounds
     */
    Result run(List<Trial> coarse, Trial best, int most) {
        double each = FullTrials.secondsOfFold(best) * folds;
        if (hasTime.test(full.sideBySide((FINALISTS + 1 + ROUND) * each, ROUND))) {
            full.takeTime();
        }
        Trial before = before(coarse, best);
        Trial found = remeasured(coarse, best, before);
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
        return full.run(
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
                .filter(trial -> !hasTime.test(full.seconds(trial))
                        || trial.effort() == 1 && trial.foldLosses().size() == full.folds(full.depth(trial)))
                .orElseGet(
                        () -> full.run("refine", List.of(Map.of()), List.of(0)).getFirst());
    }

    /** The best of those that did best in the coarse search, at full length and on all folds, as far as there is time. */
    private Trial remeasured(List<Trial> coarse, Trial best, Trial before) {
        List<Trial> finalists = new ArrayList<>();
        double seconds = 0;
        for (Trial trial : finalists(coarse, best)) {
            seconds += full.seconds(trial);
            if (!hasTime.test(full.sideBySide(seconds, finalists.size() + 1))) {
                break;
            }
            finalists.add(trial);
        }
        if (finalists.isEmpty()) {
            return best.candidate() == 0 ? before : best;
        }
        List<Trial> measured = new ArrayList<>(full.run(
                "refine",
                finalists.stream().map(Trial::values).toList(),
                finalists.stream().map(Trial::candidate).toList()));
        if (best.candidate() == 0) {
            measured.addFirst(before);
        }
        return lowest(measured);
    }

    /** The best of the coarse search, and those as deep that came as far with the next lowest losses; not what was there before. */
    private List<Trial> finalists(List<Trial> coarse, Trial best) {
        return Stream.concat(
                        Stream.of(best),
                        coarse.stream()
                                .filter(trial -> trial != best && !trial.diverged() && trial.effort() == best.effort())
                                .filter(trial -> full.depth(trial).equals(full.depth(best)))
                                .sorted(Comparator.comparingDouble(Trial::loss)))
                .filter(trial -> trial.candidate() != 0)
                .limit(FINALISTS)
                .toList();
    }

    /** On the folds that all have. */
    private static Trial lowest(List<Trial> trials) {
        int common = trials.stream()
                .mapToInt(trial -> trial.foldLosses().size())
                .min()
                .orElse(0);
        return trials.stream()
                .min(Comparator.comparingDouble(trial -> trial.loss(common)))
                .orElseThrow();
    }

    private double secondsToJudge(Trial found, Trial before) {
        double seconds = folds * (FullTrials.secondsOfFold(found) + FullTrials.secondsOfFold(before));
        return full.sideBySide(seconds, 2);
    }

    /** Settings around the best; none where there is no time. */
    private List<Trial> round(Trial best, int round) {
        String depth = full.depth(best);
        SearchSpace space = spaces.getOrDefault(depth, new SearchSpace(Map.of()));
        double judging = full.folds(depth) < folds ? secondsToJudge(best, best) : 0;
        double seconds = full.sideBySide(ROUND * full.seconds(best), ROUND) + judging;
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
        return full.run(phase, points, numbers);
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

    /**
     * Whether settings are better by more than noise, and right no less often: where the two figures disagree, it is not
     * clear which settings are better.
     */
    static boolean isBetter(Trial found, Trial before, int folds) {
        return before.minus(found, folds).isWorse() && found.accuracy() >= before.accuracy();
    }

    /** What was there before, unless something is better. */
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
        if (!isBetter(found, before, folds)) {
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
        List<String> keys = new ArrayList<>(best.values().keySet());
        keys.remove("train");
        double seconds = full.sideBySide((keys.size() + 1) * full.seconds(best), keys.size() + 1);
        if (keys.isEmpty() || best.effort() < 1 || !hasTime.test(seconds)) {
            return best;
        }
        List<Integer> numbers = new ArrayList<>();
        keys.forEach(key -> numbers.add(++number));
        List<Trial> single = full.run(
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
                    : full.run("simplify", List.of(without(best.values(), back)), List.of(++number))
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
