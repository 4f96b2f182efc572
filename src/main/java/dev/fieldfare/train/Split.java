package dev.fieldfare.train;

import dev.fieldfare.noise.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which picture trains, which validates, which is held back. Stratified: every label gives the same share to every side,
 * as nearly as whole groups allow.
 *
 * @param sides of each picture
 * @param torn labels whose pictures all belong together, so that a group had to be divided: their measured accuracy
 *     flatters
 */
record Split(Side[] sides, List<Integer> torn) {

    /**
     * Divides pictures.
     *
     * @param names of each picture, unique
     * @param labels of each picture
     * @param classes how many labels there are
     * @param groups that must stay together
     * @param shares of validation and test, each 0 to 1
     */
    static Split of(List<String> names, int[] labels, int classes, Groups groups, SplitSettings shares, Seed seed) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        Side[] sides = new Side[labels.length];
        Arrays.fill(sides, Side.TRAIN);
        List<List<Integer>> order = new ArrayList<>();
        // Each group draws its place by its own name, so that pictures which are held back today still are when more
        // have been added: a later model must not be measured on what an earlier one was trained on, nor the reverse.
        Map<List<Integer>, Long> places = new IdentityHashMap<>();
        for (List<Integer> group : groups.members()) {
            places.put(
                    group,
                    seed.generator("split " + names.get(group.getFirst())).nextLong());
            order.add(group);
        }
        order.sort(Comparator.comparing(places::get));
        fill(Side.TEST, shares.test(), order, labels, counts, sides);
        fill(Side.VALIDATION, shares.validation(), order, labels, counts, sides);
        List<Integer> torn = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            if (tear(label, labels, sides, shares)) {
                torn.add(label);
            }
        }
        return new Split(sides, torn);
    }

    /** Moves whole groups to a side, in random order, until every label has its share there. */
    private static void fill(
            Side side, double share, List<List<Integer>> order, int[] labels, int[] counts, Side[] sides) {
        long[] missing = Arrays.stream(counts)
                .mapToLong(count -> share > 0 ? Math.max(1, Math.round(share * count)) : 0)
                .toArray();
        for (List<Integer> group : order) {
            if (sides[group.getFirst()] != Side.TRAIN) {
                continue;
            }
            int[] inGroup = new int[counts.length];
            group.forEach(picture -> inGroup[labels[picture]]++);
            long useful = 0;
            boolean emptiesALabel = false;
            for (int label = 0; label < counts.length; label++) {
                useful += Math.max(0, Math.min(inGroup[label], missing[label]));
                emptiesALabel |= inGroup[label] > 0 && trainingLeft(label, labels, sides) <= inGroup[label];
            }
            // A group is moved where more than half of it is still wanted there: larger ones would overshoot.
            if (2 * useful > group.size() && !emptiesALabel) {
                group.forEach(picture -> sides[picture] = side);
                for (int label = 0; label < counts.length; label++) {
                    missing[label] -= inGroup[label];
                }
            }
        }
    }

    private static long trainingLeft(int label, int[] labels, Side[] sides) {
        return IntStream.range(0, labels.length)
                .filter(picture -> labels[picture] == label && sides[picture] == Side.TRAIN)
                .count();
    }

    /** Gives each side at least one picture of a label, in the order of the files, where whole groups could not. */
    private static boolean tear(int label, int[] labels, Side[] sides, SplitSettings shares) {
        boolean torn = false;
        for (Side side : new Side[] {Side.TEST, Side.VALIDATION}) {
            double share = side == Side.TEST ? shares.test() : shares.validation();
            int[] all = IntStream.range(0, labels.length)
                    .filter(picture -> labels[picture] == label)
                    .toArray();
            boolean missing = share > 0 && Arrays.stream(all).noneMatch(picture -> sides[picture] == side);
            int[] training = Arrays.stream(all)
                    .filter(picture -> sides[picture] == Side.TRAIN)
                    .toArray();
            long wanted = Math.min(Math.max(1, Math.round(share * all.length)), training.length - 1L);
            if (missing && wanted > 0) {
                // The last ones of a burst: as far as possible in time from those that train.
                for (int i = 0; i < wanted; i++) {
                    sides[training[training.length - 1 - i]] = side;
                }
                torn = true;
            }
        }
        return torn;
    }

    /** The pictures of a side, in order. */
    int[] of(Side side) {
        return IntStream.range(0, sides.length)
                .filter(picture -> sides[picture] == side)
                .toArray();
    }
}
