package dev.fieldfare.train;

import dev.fieldfare.image.DifferenceHash;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which pictures belong together and must stay on one side of a split: pictures of one capture session, and pictures
 * that are nearly the same. Otherwise a model is measured on what it was trained on.
 *
 * @param members indices of pictures, by group
 * @param sessions how many capture sessions of more than one picture were found
 * @param nearDuplicates how many pictures are nearly the same as another
 */
record Groups(List<List<Integer>> members, int sessions, int nearDuplicates) {
    /** Pictures this many seconds apart, by the camera's clock, are of one session. */
    static final int SESSION_GAP_SECONDS = 20;

    /** Difference hashes of 64 bits that differ in no more than this belong to the same scene. */
    static final int NEARLY_SAME_BITS = 2;

    /** How {@code fieldfare capture} and many cameras name the pictures of a burst: 20261122-101530_0007.jpg. */
    private static final Pattern BURST = Pattern.compile("^(\\d{8}[-_]\\d{6})[-_].*");

    /** What is known of one picture. */
    record Trace(String name, Optional<LocalDateTime> captured, long differenceHash) {
        /** All but the name, to be kept as text. */
        List<String> facts() {
            return List.of(captured.map(LocalDateTime::toString).orElse(""), Long.toHexString(differenceHash));
        }

        static Trace parse(String name, List<String> facts) {
            String captured = facts.getFirst();
            return new Trace(
                    name,
                    captured.isEmpty() ? Optional.empty() : Optional.of(LocalDateTime.parse(captured)),
                    Long.parseUnsignedLong(facts.get(1), 16));
        }
    }

    static Groups of(List<Trace> traces) {
        int[] parent = IntStream.range(0, traces.size()).toArray();
        int sessions = joinSessions(traces, parent);
        int nearDuplicates = joinNearDuplicates(traces, parent);
        // Of tens of thousands of pictures most are alone: no maps, and no lists with room for more.
        List<List<Integer>> groups = new ArrayList<>();
        int[] place = new int[parent.length];
        for (int i = 0; i < parent.length; i++) {
            int root = root(parent, i);
            if (root == i) {
                place[i] = groups.size();
                groups.add(new ArrayList<>(1));
            }
            groups.get(place[root]).add(i);
        }
        groups.replaceAll(List::copyOf);
        return new Groups(List.copyOf(groups), sessions, nearDuplicates);
    }

    /** Every picture for itself. */
    static Groups single(int count) {
        return new Groups(IntStream.range(0, count).mapToObj(List::of).toList(), 0, 0);
    }

    private static int joinSessions(List<Trace> traces, int[] parent) {
        Map<String, Integer> bursts = new LinkedHashMap<>();
        for (int i = 0; i < parent.length; i++) {
            Matcher burst = BURST.matcher(traces.get(i).name());
            if (burst.matches()) {
                int first = bursts.computeIfAbsent(burst.group(1), key -> -1);
                bursts.put(burst.group(1), first < 0 ? i : first);
                join(parent, i, first < 0 ? i : first);
            }
        }
        List<Integer> byTime = IntStream.range(0, parent.length)
                .boxed()
                .filter(i -> traces.get(i).captured().isPresent())
                .sorted(Comparator.comparing(i -> traces.get(i).captured().orElseThrow()))
                .toList();
        for (int k = 1; k < byTime.size(); k++) {
            LocalDateTime before = traces.get(byTime.get(k - 1)).captured().orElseThrow();
            LocalDateTime after = traces.get(byTime.get(k)).captured().orElseThrow();
            if (!after.isAfter(before.plusSeconds(SESSION_GAP_SECONDS))) {
                join(parent, byTime.get(k), byTime.get(k - 1));
            }
        }
        int[] sizes = new int[parent.length];
        for (int i = 0; i < parent.length; i++) {
            sizes[root(parent, i)]++;
        }
        return (int) Arrays.stream(sizes).filter(size -> size > 1).count();
    }

    private static int joinNearDuplicates(List<Trace> traces, int[] parent) {
        boolean[] near = new boolean[parent.length];
        for (int i = 0; i < parent.length; i++) {
            for (int j = 0; j < i; j++) {
                if (DifferenceHash.distance(
                                traces.get(i).differenceHash(), traces.get(j).differenceHash())
                        <= NEARLY_SAME_BITS) {
                    near[i] = true;
                    near[j] = true;
                    join(parent, i, j);
                }
            }
        }
        return (int) IntStream.range(0, near.length).filter(i -> near[i]).count();
    }

    /** The set that an element is in, by the union-find of Galler and Fischer (1964), with path halving. */
    private static int root(int[] parent, int element) {
        int at = element;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    private static void join(int[] parent, int one, int other) {
        int a = root(parent, one);
        int b = root(parent, other);
        parent[Math.max(a, b)] = Math.min(a, b);
    }
}
