package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** The values that a setting may take in a search. */
public sealed interface Range {
    /** A value at random. */
    Object draw(RandomGenerator random);

    /** So many values spread over the range, its ends among them; fewer where there are no more. */
    List<Object> grid(int points);

    /** The part of it around a value, this share of its length, within the range. */
    Range around(Object value, double share);

    /** Where a value lies, from 0 at the start of the range to 1 at its end. */
    double place(Object value);

    /** As in a file, for settings that are written out. */
    Object toDocument();

    /**
     * Numbers from one to another.
     *
     * @param from the least
     * @param to the greatest, above {@code from}
     * @param scale whether differences count or ratios
     * @param whole whether only whole numbers are meant
     */
    record Interval(double from, double to, Scale scale, boolean whole) implements Range {
        @Override
        public Object draw(RandomGenerator random) {
            return at(random.nextDouble());
        }

        @Override
        public List<Object> grid(int points) {
            if (points == 1) {
                return List.of(at(0.5));
            }
            return IntStream.range(0, points)
                    .mapToObj(i -> at((double) i / (points - 1)))
                    .distinct()
                    .toList();
        }

        @Override
        public Range around(Object value, double share) {
            double middle = place(value);
            double low = Math.clamp(middle - share / 2, 0, 1 - share);
            double start = unscaled(low);
            double end = unscaled(low + share);
            return whole && Math.round(start) >= Math.round(end)
                    ? new Choice(List.of(value))
                    : new Interval(start, end, scale, whole);
        }

        @Override
        public double place(Object value) {
            double number = ((Number) value).doubleValue();
            return (scale.of(number) - scale.of(from)) / (scale.of(to) - scale.of(from));
        }

        @Override
        public Object toDocument() {
            return Map.of("from", from, "to", to, "scale", scale.name().toLowerCase(Locale.ROOT));
        }

        private Object at(double place) {
            double value = unscaled(place);
            if (whole) {
                return (long) Math.clamp(Math.rint(value), Math.ceil(from), Math.floor(to));
            }
            // No more digits than anybody can read, which would say nothing; but what is rounded stays in the range.
            return Math.clamp(Double.parseDouble(String.format(Locale.ROOT, "%.3g", value)), from, to);
        }

        private double unscaled(double place) {
            return scale.back(scale.of(from) + place * (scale.of(to) - scale.of(from)));
        }
    }

    /** How an interval is divided. */
    enum Scale {
        /** All differences of the same size count the same. */
        LINEAR,
        /** All ratios of the same size count the same: for what spans magnitudes. */
        LOG;

        double of(double value) {
            return this == LOG ? Math.log(value) : value;
        }

        double back(double value) {
            return this == LOG ? Math.exp(value) : value;
        }
    }

    /** Some values. */
    record Choice(List<Object> values) implements Range {
        public Choice {
            values = List.copyOf(values);
        }

        @Override
        public Object draw(RandomGenerator random) {
            return values.get(random.nextInt(values.size()));
        }

        @Override
        public List<Object> grid(int points) {
            return values;
        }

        /** Only the value itself: nothing is near it. */
        @Override
        public Range around(Object value, double share) {
            return new Choice(List.of(value));
        }

        @Override
        public double place(Object value) {
            return values.size() == 1 ? 0.5 : (double) values.indexOf(value) / (values.size() - 1);
        }

        @Override
        public Object toDocument() {
            return values;
        }
    }

    /**
     * From a configuration file: a list of values, or {@code from}, {@code to} and {@code scale} ({@code linear} or {@code
     * log}).
     *
     * @param key which setting, for messages
     * @param whole whether the setting is a whole number
     * @throws FieldfareException naming the key if it is neither
     */
    static Range of(String key, Object document, boolean whole) {
        if (document instanceof List<?> values && !values.isEmpty()) {
            List<Object> all = new ArrayList<>();
            values.forEach(value -> all.add(Objects.requireNonNull(value, key)));
            return new Choice(Collections.unmodifiableList(all));
        }
        if (!(document instanceof Map<?, ?> map)) {
            throw wrong(key, "is '" + document + "'");
        }
        Set<String> unknown = new TreeSet<>();
        map.keySet().forEach(name -> unknown.add(String.valueOf(name)));
        unknown.removeAll(Set.of("from", "to", "scale"));
        if (!unknown.isEmpty()) {
            throw wrong(key, "has the unknown " + String.join(", ", unknown));
        }
        if (!(map.get("from") instanceof Number from) || !(map.get("to") instanceof Number to)) {
            throw wrong(key, "lacks a number for from or to");
        }
        if (from.doubleValue() >= to.doubleValue()) {
            throw wrong(key, "goes from " + from + " to " + to + ", which is no interval");
        }
        Object name = map.get("scale") == null ? "linear" : map.get("scale");
        boolean log = name.equals("log");
        if (!log && !name.equals("linear")) {
            throw wrong(key, "has the scale '" + name + "'; scales are linear and log");
        }
        if (log && from.doubleValue() <= 0) {
            throw wrong(key, "begins at " + from + ", of which there is no logarithm; begin above 0");
        }
        return new Interval(from.doubleValue(), to.doubleValue(), log ? Scale.LOG : Scale.LINEAR, whole);
    }

    private static FieldfareException wrong(String key, String what) {
        return new FieldfareException("ranges." + key + " " + what
                + "; give values, as in [0, 0.2, 0.5], or an interval, as in {from: 0.001, to: 0.1, scale: log}");
    }
}
