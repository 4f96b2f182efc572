package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.NoisyModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How many looks at a picture a prediction is the mean of. Sources are independent, so that they combine: {@code
 * crops:5+flip} looks at five windows, each as it is and mirrored, as Krizhevsky et al. (2012) did, and {@code
 * crops:5+dropout:30} samples each window thirty times.
 *
 * @param spec what the user wrote, for example {@code none}, {@code crops:5+flip} or {@code dropout:30,until:0.99}
 * @param crops how many windows, 1 to 9: the middle, the corners, then the middles of the edges
 * @param flip whether each window is looked at mirrored too
 * @param noises how often each noise inside the network is sampled, by its name; several are drawn together, as often as
 *     the largest number says
 * @param members whether the members of an ensemble count as looks of their own
 * @param stopping how far to go
 */
public record Averaging(
        String spec, int crops, boolean flip, Map<String, Integer> noises, boolean members, Stopping stopping) {
    /** A window that leaves no margin of its own is cut from a picture made larger by this much: 224 from 256. */
    private static final double MARGIN = 8.0 / 7.0;

    private static final int MOST_SAMPLES = 10_000;

    private static final double[][] PLACES = {
        {0.5, 0.5}, {0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.5, 0}, {0.5, 1}, {0, 0.5}, {1, 0.5}
    };

    /** One look at the middle. */
    public static final Averaging NONE = new Averaging("none", 1, false, Map.of(), false, Stopping.ALL);

    public Averaging {
        noises = Collections.unmodifiableMap(new TreeMap<>(noises));
        if (crops < 1 || crops > PLACES.length) {
            throw new FieldfareException(
                    "average " + spec + ": crops must be 1 to " + PLACES.length + ", not " + crops);
        }
        noises.forEach((noise, count) -> {
            if (count < 1 || count > MOST_SAMPLES) {
                throw new FieldfareException("average " + spec + ": " + noise + " must be sampled 1 to " + MOST_SAMPLES
                        + " times, not " + count);
            }
        });
    }

    /**
     * Reads {@code none}, or sources joined by {@code +}, and behind a comma how far to go.
     *
     * @throws FieldfareException naming the part that is not understood, and what there is
     */
    public static Averaging parse(String spec) {
        int comma = spec.indexOf(',');
        Stopping stopping = comma < 0 ? Stopping.ALL : Stopping.parse(spec, spec.substring(comma + 1));
        int crops = 1;
        boolean flip = false;
        boolean members = false;
        Map<String, Integer> noises = new TreeMap<>();
        Set<String> known = NoisyModel.noises();
        for (String source : (comma < 0 ? spec : spec.substring(0, comma)).split("\\+", -1)) {
            String name = source.replaceFirst(":\\d{1,6}$", "");
            boolean counted = !name.equals(source);
            int count = counted ? Integer.parseInt(source.substring(name.length() + 1)) : 0;
            if (source.equals("flip")) {
                flip = true;
            } else if (source.equals("members")) {
                members = true;
            } else if (counted && name.equals("crops")) {
                crops = count;
            } else if (counted && known.contains(name)) {
                noises.put(name, count);
            } else if (!source.equals("none")) {
                throw new FieldfareException(
                        "average " + spec + ": '" + source + "' is not a source of looks; there are"
                                + " none, flip, crops:N (N from 1 to " + PLACES.length + "), members, "
                                + String.join(":N, ", known) + ":N, joined by '+', for example crops:5+flip");
            }
        }
        return new Averaging(spec, crops, flip, noises, members, stopping);
    }

    /**
     * How a model is looked with where nobody says otherwise: once where it is sure, and where it is not as its card says,
     * until it is. A model whose card says nothing looks at five windows: mirror images may mean something else.
     */
    public static Averaging automatic(ModelCard card) {
        String sources = card.average().isEmpty() ? "crops:5" : card.average();
        return parse(sources.equals("none") || sources.contains(",") ? sources : sources + ",until:0.99");
    }

    /** Reads what the user wrote; {@code auto} is as the model's card says. */
    public static Averaging parse(String spec, ModelCard card) {
        return spec.equals("auto") ? automatic(card) : parse(spec);
    }

    /** The looks at the picture, the middle one first. */
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

    /** Whether it is over the same looks, however far it goes. */
    boolean isOverTheSame(Averaging other) {
        return crops == other.crops && flip == other.flip && members == other.members && noises.equals(other.noises);
    }

    /** How often each view is sampled, at most. */
    int samples() {
        return noises.values().stream().mapToInt(Integer::intValue).max().orElse(1);
    }
}
