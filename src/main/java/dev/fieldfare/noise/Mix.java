package dev.fieldfare.noise;

import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.nio.FloatBuffer;

/** How two examples become one: what is seen of each, and how much the target of each counts. */
public sealed interface Mix {
    /** How much the target of the first one counts, 0 to 1; that of the second counts the rest. */
    double share();

    /**
     * Mixes from the buffers' positions to their limits, which stay as they are.
     *
     * @param first becomes the mix
     * @param second as long as the first
     */
    void into(FloatBuffer first, FloatBuffer second);

    /**
     * The sum of both, weighted.
     *
     * @param share of the first, 0 to 1
     */
    record Weighted(double share) implements Mix {
        @Override
        public void into(FloatBuffer first, FloatBuffer second) {
            float own = (float) share;
            float other = (float) (1 - share);
            int begin = second.position() - first.position();
            for (int i = first.position(); i < first.limit(); i++) {
                first.put(i, own * first.get(i) + other * second.get(begin + i));
            }
        }
    }

    /**
     * The first picture with a part of the second on it.
     *
     * @param pictures what pictures are like
     * @param box the part
     */
    record Pasted(Preprocessing pictures, View.Box box) implements Mix {
        /** By the pixels that are covered indeed: a box may reach over the edge, and ends between pixels. */
        @Override
        public double share() {
            return 1 - pictures.covered(box);
        }

        @Override
        public void into(FloatBuffer first, FloatBuffer second) {
            pictures.paste(box, second, first);
        }
    }
}
