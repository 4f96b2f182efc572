package dev.fieldfare.train;

import dev.fieldfare.noise.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Divides pictures into folds, each of which measures once what the others trained: grouped (what belongs together stays
 * together) and stratified (every label gives about the same share to every fold). Groups are dealt out from the largest
 * to the smallest, each to the fold in which the shares of the labels then come out most alike, which is what
 * scikit-learn's {@code StratifiedGroupKFold} does, too.
 */
final class Folds {
    private final int[] pictures;
    private final int[] labels;
    private final int classes;
    private final int count;

    /**
     * @param pictures their numbers
     * @param labels of each
     * @param count how many folds, at least 2
     */
    Folds(int[] pictures, int[] labels, int classes, int count) {
        this.pictures = pictures;
        this.labels = labels;
        this.classes = classes;
        this.count = count;
    }

    /**
     * Deals.
     *
     * @param groupOf each picture's group, by the picture's number
     * @param repeat which of several ways of dealing
     */
    List<Fold> of(Map<Integer, Integer> groupOf, Seed seed, int repeat) {
        double[][] dealt = new double[count][classes];
        List<List<Integer>> folds = new ArrayList<>();
        IntStream.range(0, count).forEach(i -> folds.add(new ArrayList<>()));
        int[] totals = new int[classes];
        IntStream.of(labels).forEach(label -> totals[label]++);
        for (List<Integer> group : order(groups(groupOf), seed, repeat)) {
            int[] inGroup = new int[classes];
            group.forEach(i -> inGroup[labels[i]]++);
            int best = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int fold = 0; fold < count; fold++) {
                double unevenness = unevenness(dealt, fold, inGroup, totals)
                        + 1e-9 * folds.get(fold).size();
                if (unevenness < least) {
                    least = unevenness;
                    best = fold;
                }
            }
            for (int c = 0; c < classes; c++) {
                dealt[best][c] += inGroup[c];
            }
            folds.get(best).addAll(group);
        }
        return folds.stream()
                .filter(fold -> !fold.isEmpty())
                .map(fold -> Fold.without(
                        pictures, fold.stream().mapToInt(i -> pictures[i]).toArray()))
                .toList();
    }

    /** By places in {@code pictures}. A label that is one group would be trained on nowhere where it is measured. */
    private List<List<Integer>> groups(Map<Integer, Integer> groupOf) {
        Map<Integer, List<Integer>> groups = new HashMap<>();
        Map<Integer, List<Integer>> groupsOfLabel = new HashMap<>();
        for (int i = 0; i < pictures.length; i++) {
            int group = groupOf.getOrDefault(pictures[i], -1 - pictures[i]);
            groups.computeIfAbsent(group, key -> new ArrayList<>()).add(i);
            List<Integer> ofLabel = groupsOfLabel.computeIfAbsent(labels[i], key -> new ArrayList<>());
            if (!ofLabel.contains(group)) {
                ofLabel.add(group);
            }
        }
        List<List<Integer>> all = new ArrayList<>();
        groups.forEach((number, group) -> {
            boolean onlyOne = group.stream()
                    .anyMatch(i ->
                            groupsOfLabel.getOrDefault(labels[i], List.of()).size() == 1);
            if (onlyOne && group.size() > 1) {
                all.addAll(halves(group));
            } else {
                all.add(group);
            }
        });
        all.sort(Comparator.comparingInt(List::getFirst));
        return all;
    }

    /** Of each label in it the first half, and the second. */
    private List<List<Integer>> halves(List<Integer> group) {
        Map<Integer, List<Integer>> ofLabel = new TreeMap<>();
        group.forEach(i ->
                ofLabel.computeIfAbsent(labels[i], key -> new ArrayList<>()).add(i));
        List<Integer> first = new ArrayList<>();
        List<Integer> second = new ArrayList<>();
        ofLabel.values().forEach(some -> {
            // What is odd goes where there is less, so that labels of one picture each are divided, too.
            int half = first.size() < second.size() ? (some.size() + 1) / 2 : some.size() / 2;
            first.addAll(some.subList(0, half));
            second.addAll(some.subList(half, some.size()));
        });
        return List.of(first, second);
    }

    private static List<List<Integer>> order(List<List<Integer>> groups, Seed seed, int repeat) {
        int[] shuffled = dev.fieldfare.noise.Noises.permutation(groups.size(), seed.generator("folds", repeat));
        return Arrays.stream(shuffled)
                .mapToObj(groups::get)
                .sorted(Comparator.comparingInt((List<Integer> group) -> -group.size()))
                .toList();
    }

    /** The sum over the labels of the variance of their shares over the folds, if the group went to this one. */
    private double unevenness(double[][] dealt, int to, int[] group, int[] totals) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            double total = Math.max(1, totals[c]);
            double mean = 0;
            double squares = 0;
            for (int fold = 0; fold < count; fold++) {
                double share = (dealt[fold][c] + (fold == to ? group[c] : 0)) / total;
                mean += share / count;
                squares += share * share / count;
            }
            sum += squares - mean * mean;
        }
        return sum;
    }
}
