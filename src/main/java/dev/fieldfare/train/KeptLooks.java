package dev.fieldfare.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks in the caches, with a journal that says what they are of, so that those of an interrupted training can be taken
 * again if they are still what they were.
 */
final class KeptLooks {
    private final LookJournal journal;
    private final FeatureCache features;
    private final Optional<FeatureCache> cuts;

    KeptLooks(LookJournal journal, FeatureCache features, Optional<FeatureCache> cuts) {
        this.journal = journal;
        this.features = features;
        this.cuts = cuts;
    }

    /**
     * What was kept.
     *
     * @param rows of the caches
     * @param facts whatever else was found out
     */
    record Kept(int[] rows, List<String> facts) {}

    /**
     * The next looks, if they are of this and their rows are whole; once something else was kept there are none.
     *
     * @param of all that they depend on
     */
    Optional<Kept> recall(List<String> of) {
        Optional<List<String>> line = journal.next()
                .filter(fields -> fields.size() > of.size()
                        && fields.subList(0, of.size()).equals(of));
        if (line.isEmpty()) {
            return Optional.empty();
        }
        List<String> rest = line.get().subList(of.size() + 1, line.get().size());
        int count = Integer.parseInt(line.get().get(of.size()));
        int facts = rest.size() - count * (cuts.isPresent() ? 2 : 1);
        if (facts < 0
                || !features.holds(rest.subList(facts, facts + count))
                || cuts.isPresent() && !cuts.get().holds(rest.subList(facts + count, rest.size()))) {
            return Optional.empty();
        }
        journal.accept();
        cuts.ifPresent(cache -> cache.take(count));
        return Optional.of(new Kept(rows(features.take(count), count), List.copyOf(rest.subList(0, facts))));
    }

    private static int[] rows(int first, int count) {
        int[] rows = new int[count];
        for (int i = 0; i < count; i++) {
            rows[i] = first + i;
        }
        return rows;
    }

    /** Keeps looks; returns their rows. */
    int[] keep(List<String> of, List<String> facts, List<Looks.Look> looks) {
        int[] rows = looks.stream().mapToInt(this::append).toArray();
        List<String> line = new ArrayList<>(of);
        line.add(Integer.toString(rows.length));
        line.addAll(facts);
        for (int row : rows) {
            line.add(features.checksum(row));
        }
        cuts.ifPresent(cache -> {
            for (int row : rows) {
                line.add(cache.checksum(row));
            }
        });
        journal.append(line);
        return rows;
    }

    private int append(Looks.Look look) {
        cuts.ifPresent(cache -> cache.append(look.cut().orElseThrow()));
        return features.append(look.features());
    }
}
