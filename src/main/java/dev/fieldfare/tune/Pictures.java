package dev.fieldfare.tune;

import dev.fieldfare.train.Workbench;
import java.util.ArrayList;
import java.util.List;

/** Choosing some of many pictures. */
final class Pictures {
    private Pictures() {}

    /** At most so many, the labels in turn, and of each label spread over all there are. */
    static int[] some(Workbench bench, int[] pictures, int most) {
        List<List<Integer>> ofLabel = new ArrayList<>();
        bench.labels().forEach(label -> ofLabel.add(new ArrayList<>()));
        for (int picture : pictures) {
            ofLabel.get(bench.label(picture)).add(picture);
        }
        int each = Math.max(2, most / bench.labels().size());
        return ofLabel.stream()
                .flatMap(all -> {
                    int count = Math.min(each, all.size());
                    return java.util.stream.IntStream.range(0, count)
                            .mapToObj(i -> all.get((int) ((long) i * all.size() / count)));
                })
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }
}
