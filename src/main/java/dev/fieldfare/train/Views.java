package dev.fieldfare.train;

import dev.fieldfare.image.View;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.util.List;

/** Changed views of pictures. */
final class Views {
    private Views() {}

    /**
     * Draws one.
     *
     * @param position what tells this view from all others: the picture, and which of its views
     */
    static View draw(List<Noise.OnPicture> noises, Seed seed, long... position) {
        View view = View.CENTRE;
        for (Noise.OnPicture noise : noises) {
            view = noise.draw(view, seed.generator("view " + noise.name(), position));
        }
        return view;
    }
}
