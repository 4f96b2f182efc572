package dev.fieldfare.noise;

import dev.fieldfare.image.Preprocessing;
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
     * Noise that mixes each example of a batch with another one of the training pictures. It has no part in use: what it
     * changes is the distribution that is learnt.
     */
    non-sealed interface OnBatch extends Noise {
        /** Whether pictures are mixed, as they are prepared for the network, or whatever is computed from them. */
        boolean mixesPictures();

        /**
         * Draws how an example is mixed with another one.
         *
         * @param pictures what pictures are like when they are prepared
         */
        Mix draw(Preprocessing pictures, RandomGenerator random);
    }

    /**
     * Noise that makes the members of an ensemble differ: here {@code z} is the choice of a member, each as likely as the
     * others. Its expectation has a closed form, the mean of what the members say, and that is what is written into an
     * ensemble's file; averaging over {@code members} shows them one by one.
     */
    non-sealed interface OnMember extends Noise {
        /**
         * Draws what a member trains on.
         *
         * @param pictures how many there are to train on
         * @return as many numbers of pictures; one may stand there several times
         */
        int[] draw(int pictures, RandomGenerator random);

        /** The seed of all else that a member draws; the first member is the model that there would be by itself. */
        static Seed seed(Seed run, int member) {
            return member == 0 ? run : new Seed(run.generator("member", member).nextLong());
        }
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
