package dev.fieldfare.train;

import dev.fieldfare.image.View;
import dev.fieldfare.noise.Draw;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.util.List;

/**
 * One way of looking at a picture with the frozen part of a network.
 *
 * @param view what is seen of the picture
 * @param draw of the noise in the frozen part
 */
record Glance(View view, Draw draw) {
    /** As the network looks in use. */
    static final Glance PLAIN = new Glance(View.CENTRE, Draw.SETTLED);

    /**
     * Draws a changed one.
     *
     * @param position what tells it from all others: the picture, and which of its views
     */
    static Glance draw(List<Noise.OnPicture> noises, Seed seed, long... position) {
        View view = View.CENTRE;
        for (Noise.OnPicture noise : noises) {
            view = noise.draw(view, seed.generator("view " + noise.name(), position));
        }
        return new Glance(view, Draw.of(seed, position));
    }
}
