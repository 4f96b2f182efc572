package dev.fieldfare.noise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TextNetwork;
import dev.fieldfare.image.ColourChange;
import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.runtime.ShapeInference;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoisesTest {
    private static final int DRAWS = 20_000;
    private static final Preprocessing PICTURES = new Preprocessing(
            1,
            2,
            Preprocessing.Layout.NCHW,
            Preprocessing.Colour.RGB,
            Preprocessing.Resize.STRETCH,
            1,
            Interpolation.BILINEAR,
            1,
            List.of(0.0, 0.0, 0.0),
            List.of(1.0, 1.0, 1.0));

    private static RandomGenerator random(long position) {
        return new Seed(3).generator("test", position);
    }

    @Test
    void everyNoiseKnowsItsNameAndStrength() {
        assertEquals(
                List.of(
                        "crop",
                        "resizedCrop",
                        "rotate",
                        "flip",
                        "colour",
                        "cutout",
                        "mixup",
                        "cutmix",
                        "featureMixup",
                        "dropout",
                        "resample"),
                List.copyOf(Noises.table().keySet()));
        Noises.table().forEach((name, make) -> {
            assertEquals(name, make.apply(0.25).name());
            assertEquals(0.25, make.apply(0.25).strength());
        });
    }

    private static Set<String> names() {
        return Noises.table().keySet();
    }

    /** Whatever is drawn, a noise of strength zero leaves things as they are. */
    @ParameterizedTest
    @MethodSource("names")
    void strengthZeroDoesNothing(String name) {
        Noise noise = Noises.table().get(name).apply(0);
        View looked = View.CENTRE.at(1.5, 0.2, 0.9).mirror();
        for (long i = 0; i < 200; i++) {
            switch (noise) {
                case Noise.OnPicture onPicture -> assertEquals(looked, onPicture.draw(looked, random(i)));
                case Noise.OnBatch onBatch -> {
                    float[] first = {1, -2, 3, 4, 5, 6};
                    Mix mix = onBatch.draw(PICTURES, random(i));
                    assertEquals(1, mix.share());
                    mix.into(FloatBuffer.wrap(first), FloatBuffer.wrap(new float[] {9, 9, 9, 9, 9, 9}));
                    assertArrayEquals(new float[] {1, -2, 3, 4, 5, 6}, first);
                }
                case Noise.OnMember onMember ->
                    assertArrayEquals(IntStream.range(0, 9).toArray(), onMember.draw(9, random(i)));
                case Noise.OnValue onValue -> {
                    float[] z = new float[10];
                    onValue.draw(FloatBuffer.wrap(z), random(i));
                    for (float each : z) {
                        assertEquals(1f, each);
                    }
                }
            }
        }
    }

    /** A bootstrap of many leaves a share of 1/e out, and takes each as often as the others on average. */
    @Test
    void aBootstrapLeavesOneInEOut() {
        int pictures = DRAWS;
        int[] drawn = new Resample(1).draw(pictures, random(1));
        assertEquals(pictures, drawn.length);
        double leftOut = 1 - (double) IntStream.of(drawn).distinct().count() / pictures;
        assertEquals(1 / Math.E, leftOut, 0.01);
        assertEquals((pictures - 1) / 2.0, IntStream.of(drawn).average().orElseThrow(), 0.01 * pictures);
        long own = IntStream.range(0, pictures)
                .filter(i -> new Resample(0.3).draw(1 + i % 100, random(i))[i % 100] == i % 100)
                .count();
        assertEquals(0.7, (double) own / pictures, 0.03);
    }

    /** The first member is the model that there would be without an ensemble; no two draw alike. */
    @Test
    void membersHaveSeedsOfTheirOwn() {
        Seed run = new Seed(5);
        assertEquals(run, Noise.OnMember.seed(run, 0));
        assertEquals(
                50,
                IntStream.range(0, 50)
                        .mapToObj(member -> Noise.OnMember.seed(run, member))
                        .distinct()
                        .count());
    }

    /** What averaging asks for by name is what the operator's inputs draw. */
    @ParameterizedTest
    @ValueSource(strings = {"dropout", "fmp"})
    void aRandomOperatorDrawsTheNoiseThatItIsCalledBy(String noise) {
        OnnxModel plain =
                TextNetwork.of("a conv3:6 x; p fractional:5 a; c conv3:4 p; e gap c; f flatten e; g gemm:4 f");
        OnnxModel model = new DropoutNodes(0.5, DropoutNodes.Form.INVERTED).before(plain, Set.of("c"));
        assertEquals(Set.of("dropout", "fmp"), NoisyModel.noises(model.graph()));
        List<NoiseInput> inputs =
                NoisyModel.of(model, Set.of(noise), ShapeInference::of).inputs();
        assertFalse(inputs.isEmpty());
        inputs.forEach(input -> assertEquals(noise, input.noise().name()));
    }

    @ParameterizedTest
    @CsvSource({
        "crop, -0.1",
        "crop, 3.1",
        "flip, -0.1",
        "flip, 1.1",
        "resizedCrop, 1",
        "rotate, 181",
        "colour, 1.1",
        "cutout, 1.01",
        "mixup, 10.1",
        "cutmix, -0.1",
        "featureMixup, NaN",
        "dropout, 1",
        "dropout, -1",
        "flip, NaN"
    })
    void strengthsOutOfRangeAreRefusedByName(String name, double strength) {
        var make = Noises.table().get(name);
        var refused = assertThrows(IllegalArgumentException.class, () -> make.apply(strength));
        assertTrue(refused.getMessage().startsWith(name + " must be between"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 0.9})
    void dropoutDropsItsRateAndHasMeanOne(double rate) {
        float[] z = new float[DRAWS];
        new Dropout(rate).draw(FloatBuffer.wrap(z), random(0));
        int dropped = 0;
        double sum = 0;
        for (float each : z) {
            assertTrue(each == 0 || each == (float) (1 / (1 - rate)), "z is 0 or 1 / (1 - rate), not " + each);
            dropped += each == 0 ? 1 : 0;
            sum += each;
        }
        // Four standard deviations of a binomial distribution; the mean follows from the count.
        double deviation = Math.sqrt(DRAWS * rate * (1 - rate));
        assertEquals(DRAWS * rate, dropped, 4 * deviation);
        assertEquals(1, sum / DRAWS, 4 * deviation / DRAWS / (1 - rate));
    }

    @Test
    void dropoutFillsFromPositionToLimitOnly() {
        FloatBuffer z = FloatBuffer.wrap(new float[] {7, 7, 7, 7}).position(1).limit(3);
        new Dropout(0.5).draw(z, random(0));
        assertEquals(7, z.get(0));
        assertFalse(z.get(1) == 7 || z.get(2) == 7);
        assertEquals(7, z.array()[3]);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.5, 1})
    void flipMirrorsWithItsProbability(double probability) {
        int mirrored = 0;
        for (int i = 0; i < DRAWS; i++) {
            View drawn = new Flip(probability).draw(View.CENTRE, random(i));
            assertTrue(drawn.equals(View.CENTRE) || drawn.equals(View.CENTRE.mirror()), drawn.toString());
            mirrored += drawn.mirrored() ? 1 : 0;
        }
        assertEquals(DRAWS * probability, mirrored, 4 * Math.sqrt(DRAWS * probability * (1 - probability)));
    }

    @Test
    void flipTurnsAMirroredViewBack() {
        assertEquals(View.CENTRE, new Flip(1).draw(View.CENTRE.mirror(), random(0)));
    }

    /** Mean and variance of three uniform distributions. */
    @Test
    void cropsAreUniform() {
        double[] sum = new double[3];
        double[] squares = new double[3];
        for (int i = 0; i < DRAWS; i++) {
            View drawn = new RandomCrop(0.5).draw(View.CENTRE.mirror(), random(i));
            assertTrue(drawn.window().zoom() >= 1 && drawn.window().zoom() <= 1.5, drawn.toString());
            assertTrue(drawn.mirrored(), "a crop leaves all else as it is");
            double[] unit = {
                (drawn.window().zoom() - 1) / 0.5,
                drawn.window().x(),
                drawn.window().y()
            };
            for (int k = 0; k < 3; k++) {
                sum[k] += unit[k];
                squares[k] += unit[k] * unit[k];
            }
        }
        for (int k = 0; k < 3; k++) {
            assertEquals(0.5, sum[k] / DRAWS, 4 * Math.sqrt(1.0 / 12 / DRAWS));
            assertEquals(1.0 / 3, squares[k] / DRAWS, 4 * Math.sqrt(4.0 / 45 / DRAWS));
        }
    }

    /** Szegedy et al.: the area is uniform, the logarithm of the aspect too, within what the area leaves. */
    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.92})
    void resizedCropsHaveUniformAreasAndAspects(double strength) {
        double[][] unit = new double[4][DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            View.Window drawn =
                    new ResizedCrop(strength).draw(View.CENTRE, random(i)).window();
            double area = 1 / (drawn.zoom() * drawn.zoom());
            double widest = Math.log(Math.min(4 / 3.0, 1 / area));
            assertTrue(area * drawn.aspect() <= 1 + 1e-9 && area / drawn.aspect() <= 1 + 1e-9, drawn.toString());
            unit[0][i] = (1 - area) / strength;
            unit[1][i] = (Math.log(drawn.aspect()) / widest + 1) / 2;
            unit[2][i] = drawn.x();
            unit[3][i] = drawn.y();
        }
        for (double[] each : unit) {
            Distributions.requireUniform(each);
        }
    }

    @Test
    void turnsAreUniform() {
        double[] unit = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            View drawn = new Rotate(20).draw(View.CENTRE.mirror().turn(5), random(i));
            assertEquals(View.CENTRE.mirror().turn(drawn.degrees()), drawn);
            unit[i] = (drawn.degrees() - 5 + 20) / 40;
        }
        Distributions.requireUniform(unit);
    }

    @Test
    void coloursChangeUniformlyAndIndependently() {
        double[][] unit = new double[4][DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            ColourChange drawn = new Colour(0.4).draw(View.CENTRE, random(i)).colour();
            unit[0][i] = (drawn.brightness() - 0.6) / 0.8;
            unit[1][i] = (drawn.contrast() - 0.6) / 0.8;
            unit[2][i] = (drawn.saturation() - 0.6) / 0.8;
            unit[3][i] = (drawn.hue() + 14.4) / 28.8;
        }
        for (int k = 0; k < 4; k++) {
            Distributions.requireUniform(unit[k]);
            double product = 0;
            for (int i = 0; i < DRAWS; i++) {
                product += (unit[k][i] - 0.5) * (unit[(k + 1) % 4][i] - 0.5);
            }
            assertEquals(0, product / DRAWS, 4.0 / 12 / Math.sqrt(DRAWS), "covariance");
        }
    }

    /**
     * The centre is uniform, so a side of size s is expected to show s - s * s / 4: at either end, a centre at distance
     * d < s / 2 from the edge loses s / 2 - d, which integrates to s * s / 8.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.5, 1})
    void cutoutHidesTheExpectedArea(double size) {
        double visible = 0;
        for (int i = 0; i < DRAWS; i++) {
            List<View.Box> hidden =
                    new Cutout(size).draw(View.CENTRE, random(i)).hidden();
            assertEquals(1, hidden.size());
            View.Box box = hidden.getFirst();
            assertEquals(size, box.right() - box.left(), 1e-12);
            assertEquals(size, box.bottom() - box.top(), 1e-12);
            visible += inside(box.left(), box.right()) * inside(box.top(), box.bottom());
        }
        double length = size - size * size / 4;
        assertEquals(length * length, visible / DRAWS, 0.01 * length * length);
    }

    private static double inside(double low, double high) {
        return Math.min(1, high) - Math.max(0, low);
    }
}
