package dev.fieldfare.noise;

import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * Where noise enters a network: an input {@code z} of its graph.
 *
 * @param value the input, float32; for {@link Each#PICTURE} the first of its sizes is the batch
 * @param noise how it is drawn
 * @param each for what it is drawn anew
 */
public record NoiseInput(Value value, Noise.OnValue noise, Each each) {
    /** For what a {@code z} is drawn anew. */
    public enum Each {
        /** For every picture of the batch, row by row. */
        PICTURE,
        /** Once for all pictures of a step, as the mask of a weight that they share. */
        STEP
    }

    /** The name of the input. */
    public String name() {
        return value.name();
    }

    /** Of the input, which is fixed. */
    public Shape shape() {
        return Objects.requireNonNull(value.shape());
    }

    /** The same input of a graph for so many pictures. */
    NoiseInput ofBatch(long batch) {
        return each == Each.STEP ? this : new NoiseInput(value.withShape(shape().with(0, batch)), noise, each);
    }

    /** How many numbers are drawn at once. */
    public int elements() {
        long all = shape().elements();
        return Math.toIntExact(each == Each.STEP ? all : all / Math.max(1, shape().size(0)));
    }

    /**
     * Draws what belongs to one picture, or to one step, to where the buffer stands.
     *
     * @param position what tells this draw from all others of the run, such as the epoch and the picture; draws of other
     *     inputs differ without it
     */
    public void draw(FloatBuffer z, Seed seed, long... position) {
        FloatBuffer own = z.slice(z.position(), elements());
        noise.draw(own, seed.generator(name(), position));
        z.position(z.position() + elements());
    }

    /** The same for a draw that is told by its name. */
    public void draw(FloatBuffer z, Draw draw) {
        draw(z, draw.seed(), draw.coordinates());
    }
}
