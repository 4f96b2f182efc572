package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.noise.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
    private static final SplitSettings SHARES = new SplitSettings(SplitSettings.By.SESSION, 0.1, 0.2);

    /** Pictures in the order of their labels, so many of each, named by label and number. */
    private record Pictures(List<String> names, int[] labels, int classes) {
        static Pictures of(int... counts) {
            List<String> names = new ArrayList<>();
            List<Integer> labels = new ArrayList<>();
            for (int label = 0; label < counts.length; label++) {
                for (int i = 0; i < counts[label]; i++) {
                    names.add(label + "/" + i + ".jpg");
                    labels.add(label);
                }
            }
            return new Pictures(
                    names, labels.stream().mapToInt(Integer::intValue).toArray(), counts.length);
        }

        Split split(Groups groups, SplitSettings shares, long seed) {
            return Split.of(names::get, labels, classes, groups, shares, new Seed(seed));
        }

        Split split(long seed) {
            return split(Groups.single(labels.length), SHARES, seed);
        }

        long count(Split split, int label, Side side) {
            return IntStream.range(0, labels.length)
                    .filter(i -> labels[i] == label && split.sides()[i] == side)
                    .count();
        }
    }

    /** Runs of so many pictures belong together. */
    private static Groups runs(int pictures, int length) {
        List<List<Integer>> members = new ArrayList<>();
        for (int start = 0; start < pictures; start += length) {
            members.add(IntStream.range(start, Math.min(pictures, start + length))
                    .boxed()
                    .toList());
        }
        return new Groups(members, members.size(), 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyLabelGivesItsShare(long seed) {
        Pictures pictures = Pictures.of(100, 37, 10, 4);
        Split split = pictures.split(seed);
        int[][] expected = {{20, 10}, {7, 4}, {2, 1}, {1, 1}};
        for (int label = 0; label < expected.length; label++) {
            assertEquals(expected[label][0], pictures.count(split, label, Side.TEST), "test of label " + label);
            assertEquals(
                    expected[label][1], pictures.count(split, label, Side.VALIDATION), "validation of label " + label);
        }
        assertEquals(List.of(), split.torn());
    }

    @Test
    void theSeedDecidesAndNothingElse() {
        Pictures pictures = Pictures.of(50, 50);
        assertArrayEquals(pictures.split(1).sides(), pictures.split(1).sides());
        assertFalse(Arrays.equals(pictures.split(1).sides(), pictures.split(2).sides()));
    }

    /** Each picture must be as likely as any other to be held back, wherever its file lies in the folder. */
    @Test
    void everyPictureIsHeldBackEquallyOften() {
        Pictures pictures = Pictures.of(20, 20);
        int[] held = new int[40];
        int seeds = 1000;
        for (long seed = 0; seed < seeds; seed++) {
            for (int i : pictures.split(seed).of(Side.TEST)) {
                held[i]++;
            }
        }
        for (int count : held) {
            // Five standard deviations of a binomial distribution.
            assertEquals(0.2 * seeds, count, 5 * Math.sqrt(0.16 * seeds));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void groupsStayWhole(long seed) {
        Pictures pictures = Pictures.of(120, 60, 90);
        Groups groups = runs(270, 6);
        Split split = pictures.split(groups, SHARES, seed);
        assertEquals(List.of(), split.torn());
        for (List<Integer> group : groups.members()) {
            Set<Side> sides = group.stream().map(i -> split.sides()[i]).collect(Collectors.toSet());
            assertEquals(1, sides.size(), "group " + group);
        }
        for (int label = 0; label < 3; label++) {
            long all = List.of(120, 60, 90).get(label);
            assertEquals(0.2 * all, pictures.count(split, label, Side.TEST), 6, "as near as whole groups allow");
            assertEquals(0.1 * all, pictures.count(split, label, Side.VALIDATION), 6);
        }
    }

    /** A label of which there is only one session is held back in part all the same, and that is said. */
    @Test
    void aLabelOfOneSessionIsTorn() {
        Pictures pictures = Pictures.of(20, 20);
        List<List<Integer>> members =
                new ArrayList<>(List.of(IntStream.range(0, 20).boxed().toList()));
        IntStream.range(20, 40).forEach(i -> members.add(List.of(i)));
        Split split = pictures.split(new Groups(members, 1, 0), SHARES, 1);
        assertEquals(List.of(0), split.torn());
        assertEquals(4, pictures.count(split, 0, Side.TEST));
        assertEquals(2, pictures.count(split, 0, Side.VALIDATION));
        // The end of the session is held back, the beginning trains.
        assertTrue(IntStream.range(0, 14).allMatch(i -> split.sides()[i] == Side.TRAIN));
        assertEquals(4, pictures.count(split, 1, Side.TEST));
    }

    /** Random labels and groups, the smallest counts and the largest shares included. */
    @Test
    void everyLabelIsOnEverySide() {
        for (long seed = 0; seed < 3000; seed++) {
            RandomGenerator random = new Seed(seed).generator("test");
            int[] counts = new int[2 + random.nextInt(3)];
            Arrays.setAll(counts, i -> LabelledPictures.LEAST_PER_CLASS + random.nextInt(6));
            Pictures pictures = Pictures.of(counts);
            int all = pictures.labels().length;
            Groups groups = groups(random, all);
            SplitSettings shares = new SplitSettings(
                    SplitSettings.By.SESSION, 0.02 + 0.48 * random.nextDouble(), 0.02 + 0.48 * random.nextDouble());
            Split split = pictures.split(groups, shares, seed);
            for (int label = 0; label < counts.length; label++) {
                for (Side side : Side.values()) {
                    assertTrue(
                            pictures.count(split, label, side) > 0,
                            "seed " + seed + ": no picture of label " + label + " on side " + side + "; "
                                    + Arrays.toString(split.sides()) + " of " + groups.members() + ", "
                                    + Arrays.toString(pictures.labels()) + ", " + shares);
                }
            }
            // Whoever is not torn is whole.
            for (List<Integer> group : groups.members()) {
                boolean torn = group.stream().anyMatch(i -> split.torn().contains(pictures.labels()[i]));
                long sides =
                        group.stream().map(i -> split.sides()[i]).distinct().count();
                assertTrue(torn || sides == 1, "seed " + seed + ", group " + group);
            }
        }
    }

    private static Groups groups(RandomGenerator random, int pictures) {
        List<List<Integer>> members = new ArrayList<>();
        for (int i = 0; i < pictures; i++) {
            if (members.isEmpty() || random.nextInt(3) == 0) {
                members.add(new ArrayList<>());
            }
            (random.nextInt(4) == 0 ? members.get(random.nextInt(members.size())) : members.getLast()).add(i);
        }
        members.removeIf(List::isEmpty);
        return new Groups(members, 0, 0);
    }

    /** What was held back must not be trained on once there are more pictures, nor the reverse: then a comparison lies. */
    @Test
    void morePicturesLeaveTheOthersWhereTheyWere() {
        int moved = 0;
        int trained = 0;
        int seeds = 50;
        for (long seed = 0; seed < seeds; seed++) {
            Pictures before = Pictures.of(100, 100);
            Pictures after = Pictures.of(150, 150);
            Split first = before.split(seed);
            Split second = after.split(seed);
            for (int i = 0; i < 200; i++) {
                Side was = first.sides()[i];
                Side is = second.sides()[after.names().indexOf(before.names().get(i))];
                moved += was == is ? 0 : 1;
                trained += was == Side.TEST && is == Side.TRAIN ? 1 : 0;
            }
        }
        // Had each split been drawn anew, 46 % would change sides, and 14 % go from test to training.
        assertTrue(moved < 0.1 * 200 * seeds, moved + " of " + 200 * seeds + " pictures changed sides");
        assertTrue(trained < 0.01 * 200 * seeds, trained + " held-back pictures were trained on");
    }
}
