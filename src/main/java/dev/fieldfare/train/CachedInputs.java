package dev.fieldfare.train;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;

/** Inputs from rows of a cache: the plain view of a picture lies in the row of the picture's number. */
final class CachedInputs implements Inputs {
    private final FeatureCache cache;
    private final Map<Integer, int[]> changed = new HashMap<>();

    CachedInputs(FeatureCache cache) {
        this.cache = cache;
    }

    /** Notes in which rows the changed views of a picture lie, the first of them in {@code rows[0]}. */
    void changed(int picture, int[] rows) {
        changed.put(picture, rows);
    }

    /** All rows of these pictures, plain ones and changed ones. */
    int[] rows(Examples examples) {
        int[] rows = new int[examples.count() * (1 + examples.views())];
        int next = 0;
        for (int picture : examples.pictures()) {
            for (int view = 0; view <= examples.views(); view++) {
                rows[next++] = row(picture, view);
            }
        }
        return rows;
    }

    private int row(int picture, int view) {
        return view == 0 ? picture : changed.getOrDefault(picture, new int[0])[view - 1];
    }

    @Override
    public void read(int picture, int view, int epoch, FloatBuffer into) {
        cache.read(row(picture, view), into);
    }
}
