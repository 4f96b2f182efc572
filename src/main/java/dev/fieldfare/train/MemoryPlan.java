package dev.fieldfare.train;

import dev.fieldfare.model.Suffix;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a retraining will need, worked out before anything is loaded. The budget is the peak resident set of the whole
 * process as the kernel counts it.
 *
 * @param train what is trained
 * @param suffix the layers before the last that are trained, empty where there are none
 * @param budgetBytes 0 where there is none
 * @param plannedBytes the expected peak
 * @param portions how a batch is cut up so that it fits
 * @param lookers threads that look at pictures at the same time, before training
 * @param views cached views of each training picture that fit on the disk, besides the plain one
 * @param cacheBytes what the caches will take on the disk
 * @param cached whether the values at the cut are kept on the disk; otherwise they are computed for every look
 * @param parameters numbers that are trained
 * @param items what the planned bytes are made of
 */
public record MemoryPlan(
        TrainSpec train,
        Suffix suffix,
        long budgetBytes,
        long plannedBytes,
        Portions portions,
        int lookers,
        int views,
        long cacheBytes,
        boolean cached,
        long parameters,
        List<TrainingReport.MemoryItem> items) {

    public MemoryPlan {
        items = List.copyOf(items);
    }

    /** Whether the budget suffices. */
    public boolean fits() {
        return budgetBytes == 0 || plannedBytes <= budgetBytes;
    }

    /** Features of a picture before the last layer. */
    int featureWidth() {
        return suffix.width();
    }

    /** The same for less of what is behind the same cut. */
    MemoryPlan shallower(TrainSpec spec, Suffix other) {
        return new MemoryPlan(
                spec,
                other,
                budgetBytes,
                plannedBytes,
                portions,
                lookers,
                views,
                cacheBytes,
                cached && !other.isEmpty(),
                parameters
                        - suffix.parameters().stream()
                                .mapToLong(parameter -> parameter.shape().elements())
                                .sum()
                        + other.parameters().stream()
                                .mapToLong(parameter -> parameter.shape().elements())
                                .sum(),
                items);
    }

    /** The same by one thread. */
    MemoryPlan alone() {
        Portions single = new Portions(portions.batch(), portions.microBatch(), 1, 1);
        return new MemoryPlan(
                train,
                suffix,
                budgetBytes,
                plannedBytes,
                single,
                lookers,
                views,
                cacheBytes,
                cached,
                parameters,
                items);
    }

    /** The parts, largest first: {@code Java heap 48M, network weights 31M, ...}. */
    public String inWords() {
        return items.stream()
                .sorted(Comparator.comparingLong(item -> -item.bytes()))
                .map(item -> item.name() + " " + MemorySize.format(item.bytes()))
                .collect(Collectors.joining(", "));
    }
}
