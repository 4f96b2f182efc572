package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.TextNetwork;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.Draw;
import dev.fieldfare.noise.Mix;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.runtime.ShapeInference;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How examples are mixed with others, their targets and all. */
class MixingTest {
    private static final int PICTURES = 30;
    private static final int CLASSES = 3;

    @TempDir
    Path folder;

    private static TrainingSettings settings(String yaml) {
        return StrictYaml.parse(yaml, TrainingSettings.DEFAULT, "test");
    }

    private ClassifierModel model() {
        return TextNetwork.classifier(
                "a conv3:4 x; b relu a; c conv3:4 b; d relu c; e gap d; f flatten e; g gemm:2 f",
                folder.resolve("text.onnx"));
    }

    private static Examples examples() {
        int[] labels = IntStream.range(0, PICTURES).map(i -> i % CLASSES).toArray();
        return new Examples(IntStream.range(100, 100 + PICTURES).toArray(), labels, 0);
    }

    private Batches batches(TrainingSettings settings, int batch) {
        Preprocessing pictures = model().preprocessing();
        return new Batches(
                examples(),
                settings,
                CLASSES,
                batch,
                Mixing.of(settings.augment(), pictures, true),
                new Seed(1),
                "search");
    }

    /** Each target is the sum of both, weighted by the shares, smoothed before. */
    @ParameterizedTest
    @ValueSource(strings = {"mixup", "cutmix", "featureMixup"})
    void targetsAreMixedAsTheExamplesAre(String noise) {
        TrainingSettings settings =
                settings("{augment: {strengths: {" + noise + ": 1}}, regularization: {labelSmoothing: 0.3}}");
        int batches = 0;
        int mixed = 0;
        for (Batch batch : batches(settings, 8).of(2)) {
            batches++;
            assertEquals(batch.size(), batch.partners().size());
            for (int i = 0; i < batch.size(); i++) {
                Batch.Partner partner = batch.partners().get(i);
                assertEquals(!noise.equals("featureMixup"), partner.ofPictures());
                double share = partner.mix().share();
                mixed += share > 0.05 && share < 0.95 ? 1 : 0;
                for (int c = 0; c < CLASSES; c++) {
                    double own = (batch.pictures()[i] - 100) % CLASSES == c ? 0.8 : 0.1;
                    double other = (partner.picture() - 100) % CLASSES == c ? 0.8 : 0.1;
                    assertEquals(share * own + (1 - share) * other, batch.targets()[i][c], 1e-6);
                }
            }
        }
        assertEquals(4, batches);
        assertTrue(mixed > PICTURES / 2, mixed + " are mixed to speak of");
    }

    /** Whatever the batch, an example has the same partner, and all may be partners. */
    @Test
    void partnersDoNotDependOnTheBatch() {
        TrainingSettings settings = settings("augment: {strengths: {mixup: 0.4, cutmix: 1, featureMixup: 1}}");
        List<Batch.Partner> whole = partners(batches(settings, PICTURES), 1);
        assertEquals(whole, partners(batches(settings, 7), 1));
        assertFalse(whole.equals(partners(batches(settings, 7), 2)), "each epoch has its own");
        int[] seen = new int[PICTURES];
        Map<String, Integer> kinds = new HashMap<>();
        for (int epoch = 1; epoch <= 100; epoch++) {
            for (Batch.Partner partner : partners(batches(settings, 7), epoch)) {
                seen[partner.picture() - 100]++;
                String kind = partner.mix() instanceof Mix.Pasted ? "pasted" : "weighted " + partner.ofPictures();
                kinds.merge(kind, 1, Integer::sum);
            }
        }
        // Four standard deviations of binomial distributions of 3000 draws, of one in thirty and of one in three.
        Arrays.stream(seen).forEach(count -> assertEquals(100, count, 4 * Math.sqrt(3000 / 30.0)));
        assertEquals(3, kinds.size());
        kinds.forEach((kind, count) -> assertEquals(1000, count, 4 * Math.sqrt(3000 * 2 / 9.0), kind));
    }

    private static List<Batch.Partner> partners(Batches batches, int epoch) {
        List<Batch.Partner> partners = new ArrayList<>();
        for (Batch batch : batches.of(epoch)) {
            IntStream.range(0, batch.size())
                    .forEach(i -> partners.add(batch.partners().get(i)));
        }
        return partners;
    }

    /** Pictures are mixed before the trunk, features behind it; behind a rectifier that is not the same. */
    @Test
    void picturesAreMixedBeforeTheTrunkAndFeaturesBehindIt() {
        ClassifierModel model = model();
        Suffix suffix = TrainSpec.parse("from:c")
                .suffix(new Depths(
                        model.trunk(), ShapeInference.of(model.trunk().model()), true));
        Preprocessing preprocessing = model.preprocessing();
        List<Path> files = List.of(picture(0), picture(1));
        int elements = Math.toIntExact(suffix.shape().elements());
        try (TrunkRunner trunk =
                new TrunkRunner(model.trunk(suffix), preprocessing, suffix.shape(), folder.resolve("trunk"), 1)) {
            Inputs inputs = new FreshInputs(files, preprocessing, trunk, List.of(), new Seed(1));
            float[][] prepared = new float[2][preprocessing.elements()];
            float[][] values = new float[2][elements];
            for (int i = 0; i < 2; i++) {
                Picture picture = PictureReader.read(files.get(i), preprocessing.wantedShortSide());
                preprocessing.toTensor(picture, View.CENTRE, FloatBuffer.wrap(prepared[i]));
                trunk.run(picture, Glance.PLAIN, FloatBuffer.wrap(values[i]));
            }
            float[] mixedPicture = sum(0.3f, prepared);
            float[] ofMixedPicture = new float[elements];
            trunk.run(into -> into.put(mixedPicture), Draw.SETTLED, FloatBuffer.wrap(ofMixedPicture));
            float[] mixedValues = sum(0.3f, values);

            assertArrayEquals(ofMixedPicture, read(inputs, new Mix.Weighted(0.3), true, elements), 1e-5f);
            assertArrayEquals(mixedValues, read(inputs, new Mix.Weighted(0.3), false, elements), 1e-5f);
            float farthest = 0;
            for (int i = 0; i < elements; i++) {
                farthest = Math.max(farthest, Math.abs(ofMixedPicture[i] - mixedValues[i]));
            }
            assertTrue(farthest > 1e-2, "a trunk that is not linear makes a difference");
            assertArrayEquals(values[0], read(inputs, new Mix.Weighted(1), true, elements));
            assertArrayEquals(
                    values[1], read(inputs, new Mix.Pasted(preprocessing, new View.Box(0, 0, 1, 1)), true, elements));
        }
    }

    /** A row of a batch, after another one in the same buffer. */
    private static float[] read(Inputs inputs, Mix mix, boolean ofPictures, int elements) {
        Batch batch = new Batch(
                new int[] {1, 0},
                new int[2],
                Map.of(1, new Batch.Partner(1, 0, mix, ofPictures)),
                new float[2][CLASSES],
                1,
                0);
        FloatBuffer rows = FloatBuffer.allocate(2 * elements);
        inputs.read(batch, 0, rows);
        inputs.read(batch, 1, rows);
        assertFalse(rows.hasRemaining());
        return Arrays.copyOfRange(rows.array(), elements, 2 * elements);
    }

    private static float[] sum(float share, float[][] two) {
        float[] sum = new float[two[0].length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = share * two[0][i] + (1 - share) * two[1][i];
        }
        return sum;
    }

    private Path picture(long number) {
        byte[] rgb = new byte[3 * 9 * 11];
        new Seed(number).generator("picture").nextBytes(rgb);
        Path file = folder.resolve(number + ".png");
        PictureWriter.writePng(new Picture(9, 11, rgb), file);
        return file;
    }
}
