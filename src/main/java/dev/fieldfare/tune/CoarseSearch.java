package dev.fieldfare.tune;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.Supplier;

/** The fourth step: many settings over wide ranges, most of them for a few epochs. */
final class CoarseSearch {
    static final String PHASE = "coarse";

    /** As good as no limit. */
    private static final int MANY = 10_000;

    private final TuningSettings tuning;
    private final TrainingSettings base;
    private final Map<String, SearchSpace> spaces;
    private final Laboratory laboratory;
    private final Seed seed;

    /** @param spaces by depth, the shallowest first */
    CoarseSearch(TuningSettings tuning, TrainingSettings base, Map<String, SearchSpace> spaces, Laboratory laboratory) {
        this.tuning = tuning;
        this.base = base;
        this.spaces = spaces;
        this.laboratory = laboratory;
        this.seed = new Seed(base.seed());
    }

    /**
     * Searches.
     *
     * @param ended is told of every trial
     * @param hasTime whether there is time for a trial of so many seconds
     */
    List<Trial> run(Workers workers, Consumer<Trial> ended, DoublePredicate hasTime) {
        Search search = new Search(laboratory, workers, efforts(), ended);
        int most = tuning.trials() > 0 ? tuning.trials() : MANY;
        List<Search.Arm> arms = new ArrayList<>();
        spaces.forEach((depth, space) -> arms.add(search
        .new Arm(
                points(depth, space, most),
                depth.equals(base.train()),
                laboratory.folds(depth),
                tuning.halving(),
                most)));
        // So many trials can be repeated exactly; what the clock ends cannot.
        return search.run(PHASE, arms, tuning.trials() > 0 ? seconds -> true : hasTime);
    }

    private Supplier<Optional<Map<String, Object>>> points(String depth, SearchSpace space, int most) {
        int[] next = {0};
        if (tuning.search() == TuningSettings.Search.RANDOM) {
            return () -> Optional.of(at(depth, space.draw(seed, PHASE + " " + depth, next[0]++)));
        }
        List<Map<String, Object>> grid = space.grid(Math.max(1, most / spaces.size()), seed);
        return () -> next[0] < grid.size() ? Optional.of(at(depth, grid.get(next[0]++))) : Optional.empty();
    }

    private Map<String, Object> at(String depth, Map<String, Object> point) {
        Map<String, Object> all = new LinkedHashMap<>(point);
        if (!depth.equals(base.train())) {
            all.put("train", depth);
        }
        return all;
    }

    /** Each a share of the epochs: a ninth, a third, all. */
    private List<Double> efforts() {
        double eta = tuning.halving();
        return eta == 1 ? List.of(1.0) : List.of(1 / (eta * eta), 1 / eta, 1.0);
    }

    /** The best of each depth, of those that came furthest there; and of these the best on the folds that all have. */
    static Optional<Trial> best(List<Trial> trials) {
        Map<String, Trial> ofDepth = new LinkedHashMap<>();
        Comparator<Trial> furthest = Comparator.comparingDouble(trial -> -trial.effort());
        trials.stream()
                .filter(trial -> !trial.diverged())
                .sorted(furthest.thenComparingDouble(Trial::loss))
                .forEach(trial ->
                        ofDepth.putIfAbsent(String.valueOf(trial.values().get("train")), trial));
        int common = ofDepth.values().stream()
                .mapToInt(trial -> trial.foldLosses().size())
                .min()
                .orElse(0);
        return ofDepth.values().stream().min(Comparator.comparingDouble(trial -> trial.loss(common)));
    }
}
