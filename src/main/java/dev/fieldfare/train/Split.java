package dev.fieldfare.train;

import dev.fieldfare.noise.Seed;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
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
     * Divides pictures. Every label gets at least one picture on every side, if it has one for each.
     *
     * @param name of a picture, unique
     * @param labels of each picture
     * @param classes how many labels there are
     * @param groups that must stay together
     * @param shares of validation and test, each 0 to 1
     */
    static Split of(
            IntFunction<String> name, int[] labels, int classes, Groups groups, SplitSettings shares, Seed seed) {
        // Each group draws its place by its own name, so that pictures which are held back today still are when more
        // have been added: a later model must not be measured on what an earlier one was trained on, nor the reverse.
        List<List<Integer>> order = groups.members().stream()
                .map(group -> new Placed(
                        group,
                        seed.generator("split " + name.apply(group.getFirst())).nextLong()))
                .sorted(Comparator.comparingLong(Placed::place))
                .map(Placed::group)
                .toList();
        Division division = new Division(labels, classes, order);
        Set<Integer> torn = new TreeSet<>();
        torn.addAll(division.take(Side.TEST, shares.test(), 2));
        torn.addAll(division.take(Side.VALIDATION, shares.validation(), 1));
        return new Split(division.sides, List.copyOf(torn));
    }

    /** A group in the order in which groups are taken. */
    private record Placed(List<Integer> group, long place) {}

    /** A split in the making: all train at first, then one side after the other takes its share. */
    private static final class Division {
        private final int[] labels;
        private final int classes;
        private final List<List<Integer>> order;
        private final Side[] sides;

        Division(int[] labels, int classes, List<List<Integer>> order) {
            this.labels = labels;
            this.classes = classes;
            this.order = order;
            this.sides = new Side[labels.length];
            Arrays.fill(sides, Side.TRAIN);
        }

        /**
         * Moves whole groups to a side, in random order, until every label has its share there; and of labels for which
         * no whole group could be moved, a part of one.
         *
         * @param leave how many pictures of every label must go on training, for this and the sides to come
         * @return the labels of which a part was moved
         */
        List<Integer> take(Side side, double share, int leave) {
            int[] missing = new int[classes];
            int[] training = new int[classes];
            for (int picture = 0; picture < labels.length; picture++) {
                missing[labels[picture]]++;
                training[labels[picture]] += sides[picture] == Side.TRAIN ? 1 : 0;
            }
            Arrays.setAll(missing, label -> (int) Math.max(1, Math.round(share * missing[label])));
            int[] wanted = missing.clone();
            for (List<Integer> group : order) {
                int[] inGroup = new int[classes];
                group.forEach(picture -> inGroup[labels[picture]]++);
                int useful = 0;
                boolean leavesEnough = true;
                for (int label = 0; label < classes; label++) {
                    useful += Math.max(0, Math.min(inGroup[label], missing[label]));
                    leavesEnough &= inGroup[label] == 0 || training[label] - inGroup[label] >= leave;
                }
                boolean trains = group.stream().allMatch(picture -> sides[picture] == Side.TRAIN);
                // A group is moved where more than half of it is still wanted there: larger ones would overshoot.
                if (trains && leavesEnough && 2 * useful > group.size()) {
                    group.forEach(picture -> sides[picture] = side);
                    for (int label = 0; label < classes; label++) {
                        missing[label] -= inGroup[label];
                        training[label] -= inGroup[label];
                    }
                }
            }
            return IntStream.range(0, classes)
                    .filter(label -> missing[label] == wanted[label])
                    .filter(label -> tear(side, label, Math.min(wanted[label], training[label] - leave)))
                    .boxed()
                    .toList();
        }

        /** The last pictures of a burst are moved: as far as possible in time from those that train. */
        private boolean tear(Side side, int label, int count) {
            int[] training = IntStream.range(0, labels.length)
                    .filter(picture -> labels[picture] == label && sides[picture] == Side.TRAIN)
                    .toArray();
            for (int i = 1; i <= count; i++) {
                sides[training[training.length - i]] = side;
            }
            return count > 0;
        }
    }

    /** The pictures of a side, in order. */
    int[] of(Side side) {
        return IntStream.range(0, sides.length)
                .filter(picture -> sides[picture] == side)
                .toArray();
    }
}
