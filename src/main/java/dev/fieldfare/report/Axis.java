package dev.fieldfare.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * One axis of a {@link Chart}.
 *
 * @param title what is along it, with its unit
 * @param low value at its start
 * @param high value at its end, above {@code low}
 * @param ticks values that are written beside it
 * @param format how they are written
 */
public record Axis(String title, double low, double high, List<Double> ticks, DoubleFunction<String> format) {
    private static final int TICKS = 5;
    private static final double[] STEPS = {1, 2, 2.5, 5, 10};

    /** An axis that holds these values and begins and ends at round ones. */
    public static Axis round(String title, double low, double high, DoubleFunction<String> format) {
        double step = step(high > low ? (high - low) / TICKS : 0.1);
        double start = Math.floor(low / step + 1e-9) * step;
        int count = Math.max(1, (int) Math.ceil((high - start) / step - 1e-9));
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i <= count; i++) {
            ticks.add(start + i * step);
        }
        return new Axis(title, start, start + count * step, ticks, format);
    }

    /** An axis of whole numbers, from the first to the last. */
    public static Axis whole(String title, int low, int high) {
        int step = (int) Math.max(1, Math.ceil(step((high - low) / (2.0 * TICKS))));
        List<Double> ticks = new ArrayList<>();
        for (int i = Math.ceilDiv(low, step) * step; i <= high; i += step) {
            ticks.add((double) i);
        }
        double room = high > low ? 0 : 0.5;
        return new Axis(title, low - room, high + room, ticks, value -> Words.decimal(value, 0));
    }

    /** An axis of magnitudes: values along it are decimal logarithms, which are written as powers of ten. */
    public static Axis powers(String title, double low, double high) {
        double start = Math.floor(low + 1e-9);
        double end = Math.max(start + 1, Math.ceil(high - 1e-9));
        int step = (int) Math.ceil((end - start) / (TICKS + 2));
        List<Double> ticks = new ArrayList<>();
        for (double tick = start; tick <= end + 1e-9; tick += step) {
            ticks.add(tick);
        }
        return new Axis(
                title,
                start,
                end,
                ticks,
                value -> Words.decimal(Math.pow(10, value), Math.max(0, (int) Math.ceil(-value - 1e-9))));
    }

    /** A share, from 0 to 100 %. */
    public static Axis share(String title) {
        return new Axis(title, 0, 1, List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), Words::percent);
    }

    /** The smallest round number that is no smaller than this. */
    private static double step(double least) {
        double magnitude = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : STEPS) {
            if (step * magnitude >= least * (1 - 1e-9)) {
                return step * magnitude;
            }
        }
        throw new IllegalArgumentException(least + " is no length of an axis");
    }
}
