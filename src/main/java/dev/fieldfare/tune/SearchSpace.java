package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Noises;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.TrainingSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings that are searched, each with its range.
 *
 * @param ranges by the key of the setting, such as {@code optimizer.learningRate}
 */
record SearchSpace(Map<String, Range> ranges) {
    SearchSpace {
        ranges = Collections.unmodifiableMap(new LinkedHashMap<>(ranges));
    }

    /** A point at random, always the same for a seed and a number. */
    Map<String, Object> draw(Seed seed, String phase, int number) {
        Map<String, Object> values = new LinkedHashMap<>();
        // Each setting draws by its own name: another one more or less changes nothing for it.
        ranges.forEach(
                (key, range) -> values.put(key, range.draw(seed.generator("tune " + phase + " " + key, number))));
        return values;
    }

    /**
     * Points of a grid, as many values of each setting as give no more points than this, in random order so that one which
     * is not finished covers the space evenly.
     */
    List<Map<String, Object>> grid(int most, Seed seed) {
        int points = 2;
        while (product(points + 1) <= most && product(points + 1) > product(points)) {
            points++;
        }
        List<Map<String, Object>> all = List.of(Map.of());
        for (Map.Entry<String, Range> entry : ranges.entrySet()) {
            List<Map<String, Object>> longer = new ArrayList<>();
            for (Map<String, Object> point : all) {
                for (Object value : entry.getValue().grid(points)) {
                    Map<String, Object> more = new LinkedHashMap<>(point);
                    more.put(entry.getKey(), value);
                    longer.add(more);
                }
            }
            all = longer;
        }
        List<Map<String, Object>> points0 = all;
        List<Map<String, Object>> shuffled = new ArrayList<>();
        for (int i : Noises.permutation(points0.size(), seed.generator("tune grid"))) {
            shuffled.add(points0.get(i));
        }
        return shuffled;
    }

    private long product(int points) {
        return ranges.values().stream()
                .mapToLong(range -> range.grid(points).size())
                .reduce(1, Math::multiplyExact);
    }

    /** The space around a point, this share of each range. */
    SearchSpace around(Map<String, Object> point, double share) {
        Map<String, Range> smaller = new LinkedHashMap<>();
        ranges.forEach((key, range) ->
                smaller.put(key, point.containsKey(key) ? range.around(value(point, key), share) : range));
        return new SearchSpace(smaller);
    }

    /** The same without a setting. */
    SearchSpace without(String key) {
        Map<String, Range> fewer = new LinkedHashMap<>(ranges);
        fewer.remove(key);
        return new SearchSpace(fewer);
    }

    private static Object value(Map<String, Object> point, String key) {
        Object value = point.get(key);
        if (value == null) {
            throw new IllegalArgumentException("no value for " + key);
        }
        return value;
    }

    /**
     * The settings with other values.
     *
     * @param values by key, such as {@code optimizer.learningRate}
     * @throws FieldfareException naming the key if there is no such setting, or a value is out of its range
     */
    static TrainingSettings apply(TrainingSettings settings, Map<String, Object> values) {
        return StrictYaml.override(settings, nested(values), "the ranges to search");
    }

    /** {@code a.b: 1} as {@code a: {b: 1}}. */
    static Map<String, Object> nested(Map<String, Object> values) {
        Map<String, Object> tree = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            Map<String, Object> at = tree;
            String[] parts = key.split("\\.");
            for (int i = 0; i < parts.length - 1; i++) {
                at = below(at, parts[i]);
            }
            at.put(parts[parts.length - 1], value);
        });
        return tree;
    }

    @SuppressWarnings("unchecked") // only this class puts maps there
    private static Map<String, Object> below(Map<String, Object> map, String key) {
        return (Map<String, Object>) map.computeIfAbsent(key, absent -> new LinkedHashMap<String, Object>());
    }

    /** The value that settings have for a key. */
    static Object valueIn(TrainingSettings settings, String key) {
        Object at = StrictYaml.toMap(settings);
        for (String part : key.split("\\.")) {
            at = at instanceof Map<?, ?> map ? map.get(part) : null;
            if (at == null) {
                throw new FieldfareException(
                        "ranges." + key + ": there is no such setting of a retraining; its keys are in"
                                + " the training guide, such as optimizer.learningRate");
            }
        }
        return at;
    }
}
