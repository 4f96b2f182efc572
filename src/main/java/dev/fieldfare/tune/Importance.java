package dev.fieldfare.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much each setting decides: the share of the variance of the trials' ranks that is between the fifths of its range
 * (the main effect of a variance decomposition; Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing
 * hyperparameter importance", ICML 2014, by counting instead of by a model).
 */
final class Importance {
    private static final int PARTS = 5;

    private Importance() {}

    /**
     * Of each setting, 0 to 1, the most important first.
     *
     * @param trials of the same effort
     */
    static Map<String, Double> of(List<Trial> trials, SearchSpace space) {
        List<Trial> ranked = trials.stream()
                .filter(trial ->
                        trial.values().keySet().containsAll(space.ranges().keySet()))
                .sorted(Comparator.comparingDouble(Trial::loss))
                .toList();
        Map<String, Double> importance = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>(space.ranges().keySet());
        space.ranges().forEach((key, range) -> importance.put(key, between(ranked, key, range)));
        keys.sort(Comparator.comparingDouble(key -> -importance.getOrDefault(key, 0.0)));
        Map<String, Double> sorted = new LinkedHashMap<>();
        keys.forEach(key -> sorted.put(key, importance.getOrDefault(key, 0.0)));
        return sorted;
    }

    private static double between(List<Trial> ranked, String key, Range range) {
        int n = ranked.size();
        double[] sums = new double[PARTS];
        int[] counts = new int[PARTS];
        for (int rank = 0; rank < n; rank++) {
            Object value = ranked.get(rank).values().get(key);
            if (value != null) {
                int part = (int) Math.clamp(range.place(value) * PARTS, 0, PARTS - 1);
                sums[part] += rank;
                counts[part]++;
            }
        }
        double mean = (n - 1) / 2.0;
        double total = ((double) n * n - 1) / 12; // the variance of 0, 1, … n - 1
        double between = 0;
        int used = 0;
        for (int part = 0; part < PARTS; part++) {
            if (counts[part] > 0) {
                double difference = sums[part] / counts[part] - mean;
                between += counts[part] * difference * difference / n;
                used++;
            }
        }
        // By chance alone the parts differ by as much: that much is taken off.
        double chance = n > used ? (used - 1) * (total - between) / (n - used) : between;
        return total == 0 ? 0 : Math.clamp((between - chance) / total, 0, 1);
    }
}
