package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.util.ArrayList;
import java.util.List;

/**
 * How many looks at a picture a prediction is the mean of. Sources are independent, so that they combine: {@code
 * crops:5+flip} looks at five windows, each as it is and mirrored, as Krizhevsky et al. (2012) did.
 *
 * @param spec what the user wrote, for example {@code none} or {@code crops:5+flip}
 * @param crops how many windows, 1 to 9: the middle, the corners, then the middles of the edges
 * @param flip whether each window is looked at mirrored too
 */
public record Averaging(String spec, int crops, boolean flip) {
    /** A window that leaves no margin of its own is cut from a picture made larger by this much: 224 from 256. */
    private static final double MARGIN = 8.0 / 7.0;

    private static final double[][] PLACES = {
        {0.5, 0.5}, {0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.5, 0}, {0.5, 1}, {0, 0.5}, {1, 0.5}
    };

    /** One look at the middle. */
    public static final Averaging NONE = new Averaging("none", 1, false);

    public Averaging {
        if (crops < 1 || crops > PLACES.length) {
            throw new FieldfareException(
                    "average " + spec + ": crops must be 1 to " + PLACES.length + ", not " + crops);
        }
    }

    /**
     * Reads {@code none}, or sources joined by {@code +}.
     *
     * @throws FieldfareException naming the part that is not understood, and what there is
     */
    public static Averaging parse(String spec) {
        int crops = 1;
        boolean flip = false;
        for (String source : spec.split("\\+", -1)) {
            if (source.equals("flip")) {
                flip = true;
            } else if (source.matches("crops:\\d{1,3}")) {
                crops = Integer.parseInt(source.substring("crops:".length()));
            } else if (!source.equals("none")) {
                throw new FieldfareException("average " + spec + ": '" + source
                        + "' is not a source of looks; there are none, flip and crops:N (N from 1 to " + PLACES.length
                        + "), joined by '+', for example crops:5+flip");
            }
        }
        return new Averaging(spec, crops, flip);
    }

    /** The looks, the middle one first. */
    public List<View> views(Preprocessing preprocessing) {
        // Windows other than the middle need a margin to move in; a preprocessing with a crop has one already.
        double zoom = crops == 1 ? 1 : Math.max(1, MARGIN * preprocessing.crop());
        List<View> views = new ArrayList<>();
        for (int i = 0; i < crops; i++) {
            View view = i == 0 ? View.CENTRE : View.CENTRE.at(zoom, PLACES[i][0], PLACES[i][1]);
            views.add(view);
            if (flip) {
                views.add(view.mirror());
            }
        }
        return views;
    }
}
