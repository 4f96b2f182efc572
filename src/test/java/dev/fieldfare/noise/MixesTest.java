package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Noises that mix two pictures. */
class MixesTest {
    private static final int DRAWS = 20_000;

    private static RandomGenerator random(long position) {
        return new Seed(4).generator("mixes", position);
    }

    private static Preprocessing pictures(int height, int width, Preprocessing.Layout layout) {
        return new Preprocessing(
                height,
                width,
                layout,
                Preprocessing.Colour.RGB,
                Preprocessing.Resize.STRETCH,
                1,
                Interpolation.BILINEAR,
                1,
                Collections.nCopies(3, 0.0),
                Collections.nCopies(3, 1.0));
    }

    /** Where the distribution function of Beta(alpha, alpha) has a closed form. */
    private static final Map<Double, DoubleUnaryOperator> CLOSED = Map.of(
            0.5, x -> 2 / Math.PI * Math.asin(Math.sqrt(x)), // the arcsine distribution
            1.0, x -> x,
            2.0, x -> x * x * (3 - 2 * x),
            3.0, x -> x * x * x * (10 - 15 * x + 6 * x * x));

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 2, 3})
    void sharesFollowTheBetaDistribution(double alpha) {
        for (Noise.OnBatch noise : new Noise.OnBatch[] {new Mixup(alpha), new FeatureMixup(alpha)}) {
            double[] shares = new double[DRAWS];
            for (int i = 0; i < DRAWS; i++) {
                shares[i] = noise.draw(pictures(4, 4, Preprocessing.Layout.NCHW), random(i))
                        .share();
            }
            Distributions.require(CLOSED.get(alpha), shares);
        }
    }

    /** Mean 1/2, variance 1 / (4 (2 alpha + 1)), also where draws from the gamma distribution underflow. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-4, 0.05, 0.2, 0.7, 10})
    void sharesHaveTheMomentsOfTheBetaDistribution(double alpha) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < DRAWS; i++) {
            double share = Beta.symmetric(alpha, random(i));
            assertTrue(share >= 0 && share <= 1, "a share of " + share);
            sum += share - 0.5;
            squares += (share - 0.5) * (share - 0.5);
        }
        double variance = 1 / (4 * (2 * alpha + 1));
        assertEquals(0, sum / DRAWS, 4 * Math.sqrt(variance / DRAWS));
        // The fourth moment about the mean is 3 / (16 (2 alpha + 1) (2 alpha + 3)).
        double fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
        assertEquals(variance, squares / DRAWS, 4 * Math.sqrt((fourth - variance * variance) / DRAWS) + 1e-12);
    }

    /** Equations 1 and 2 of Zhang et al. */
    @Test
    void aWeightedMixIsTheWeightedSum() {
        FloatBuffer first =
                FloatBuffer.wrap(new float[] {7, 1, 2, 7}).position(1).limit(3);
        new Mix.Weighted(0.75).into(first, FloatBuffer.wrap(new float[] {5, -2}));
        assertArrayEquals(new float[] {7, 2, 1, 7}, first.array());
        assertEquals(1, first.position());
    }

    /** What is seen of the second picture is the rectangle, and its share is what is seen. */
    @ParameterizedTest
    @EnumSource(Preprocessing.Layout.class)
    void aPastedPartCountsByItsPixels(Preprocessing.Layout layout) {
        Preprocessing pictures = pictures(5, 7, layout);
        for (int i = 0; i < 500; i++) {
            Mix.Pasted mix = assertInstanceOf(Mix.Pasted.class, new CutMix(1).draw(pictures, random(i)));
            float[] picture = new float[3 + pictures.elements()];
            float[] other = new float[pictures.elements()];
            for (int k = 0; k < other.length; k++) {
                picture[3 + k] = k;
                other[k] = 1000 + k;
            }
            mix.into(FloatBuffer.wrap(picture).position(3), FloatBuffer.wrap(other));
            int pasted = 0;
            View.Box box = mix.box();
            for (int k = 0; k < other.length; k++) {
                boolean planes = layout == Preprocessing.Layout.NCHW;
                int x = planes ? k % 7 : k / 3 % 7;
                int y = planes ? k / 7 % 5 : k / 21;
                boolean inside = x >= Math.round(7 * box.left())
                        && x < Math.round(7 * box.right())
                        && y >= Math.round(5 * box.top())
                        && y < Math.round(5 * box.bottom());
                assertEquals(k + (inside ? 1000 : 0), picture[3 + k]);
                pasted += inside ? 1 : 0;
            }
            assertEquals(1 - pasted / 105.0, mix.share(), 1e-12);
        }
    }

    /**
     * Yun et al.: with alpha 1, the square of the rectangle's side r is uniform; centres are uniform, so that of each side
     * r - r^2 / 4 is expected to be seen, and of the area the mean of (r - r^2 / 4)^2, 1/2 - 1/5 + 1/48.
     */
    @Test
    void cutMixPastesTheExpectedArea() {
        Preprocessing pictures = pictures(400, 400, Preprocessing.Layout.NCHW);
        double[] squares = new double[DRAWS];
        double[] across = new double[DRAWS];
        double[] down = new double[DRAWS];
        double pasted = 0;
        for (int i = 0; i < DRAWS; i++) {
            Mix.Pasted mix = (Mix.Pasted) new CutMix(1).draw(pictures, random(i));
            View.Box box = mix.box();
            assertEquals(box.right() - box.left(), box.bottom() - box.top(), 1e-12);
            squares[i] = Math.pow(box.right() - box.left(), 2);
            across[i] = (box.left() + box.right()) / 2;
            down[i] = (box.top() + box.bottom()) / 2;
            pasted += 1 - mix.share();
        }
        Distributions.requireUniform(squares);
        Distributions.requireUniform(across);
        Distributions.requireUniform(down);
        assertEquals(0.5 - 0.2 + 1 / 48.0, pasted / DRAWS, 0.01);
    }
}
