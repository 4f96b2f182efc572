package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * Something random that enters what the network computes: {@code y = f(x, z)} in training, {@code y = E_z[f(x, z)]} in
 * use. A noise says how {@code z} is drawn, and by its kind where {@code z} enters and what stands in for it in use.
 */
public sealed interface Noise {
    /** The name in configuration files and reports. */
    String name();

    /** How strong it is, in the unit that its configuration key has; zero does nothing. */
    double strength();

    /**
     * Noise that changes how a picture is looked at. Its expectation has no closed form: in use it is left out, or
     * averaged over views.
     */
    non-sealed interface OnPicture extends Noise {
        /** Draws a change of the view. */
        View draw(View view, RandomGenerator random);
    }

    /**
     * Noise that a graph takes as an input. Mostly it is multiplied with a value: then {@code E[z] = 1}, and where what
     * follows is linear that is also the closed form of the expectation, so in use the multiplication is left out. The
     * regions of fractional max pooling say which elements are read.
     */
    non-sealed interface OnValue extends Noise {
        /** Fills {@code z} from its position to its limit. */
        void draw(FloatBuffer z, RandomGenerator random);
    }
}
