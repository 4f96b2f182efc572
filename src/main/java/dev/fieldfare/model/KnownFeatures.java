package dev.fieldfare.model;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What the features of training pictures are like, and how far others are from that. Features f are first scaled to a
 * mean square of one, u = f / sqrt(mean of f²) (Mueller and Hein, "Mahalanobis++: improving OOD detection via feature
 * normalization", 2025). Of these,
 *
 * <pre>
 * distance(u) = min over classes c of  1/n Σ (u - mean_c)² / within  -  0.7/n Σ (u - centre)² / overall
 * </pre>
 *
 * The first term is the Mahalanobis distance to the nearest class, of one diagonal covariance for all classes (Lee et al.,
 * "A simple unified framework for detecting out-of-distribution samples and adversarial attacks", 2018, equations 1 and
 * 2). The second takes away most of what is far from all pictures alike (Ren et al., "A simple fix to Mahalanobis distance
 * for improving near-OOD detection", 2021, who take all of it): on other things of the same kind the first alone says
 * little, and their difference alone says less of what is like nothing at all; see the benchmarks. The distance is about
 * 0.3 for training pictures.
 *
 * @param means [classes x features], row by row: the mean of each class, of scaled features
 * @param within [features], the variance about the own class's mean, above 0
 * @param centre [features], the mean over all
 * @param overall [features], the variance about that, above 0
 */
public record KnownFeatures(float[] means, float[] within, float[] centre, float[] overall) {
    /** The second output of a network that has it, [batch x 1]. */
    static final String OUTPUT = "distance";

    /** Before this operator set, axes of reductions are an attribute. */
    private static final long AXES_AS_INPUT = 18;

    /** How much of the distance from all pictures is taken from that to the nearest class. */
    private static final double SHARED = 0.7;

    /** Added to the mean square, for features that are all zero. */
    private static final double LEAST_SQUARE = 1e-12;

    /** Scales features to a mean square of one, in place, as the network does it. */
    public static void scale(float[] features) {
        double sum = 0;
        for (float feature : features) {
            sum += (double) feature * feature;
        }
        double root = Math.sqrt(sum / features.length + LEAST_SQUARE);
        for (int j = 0; j < features.length; j++) {
            features[j] = (float) (features[j] / root);
        }
    }

    public KnownFeatures {
        int features = centre.length;
        if (features == 0
                || within.length != features
                || overall.length != features
                || means.length == 0
                || means.length % features != 0) {
            throw new IllegalArgumentException("means and variances do not fit each other");
        }
    }

    /**
     * Adds the distance and returns the name of its output, [batch x 1]. With x = u - centre, all that depends on a class
     * is linear in x, so that the distances to all classes are one matrix product.
     */
    String emit(GraphBuilder builder, String features, long operatorSet) {
        int width = centre.length;
        int classes = means.length / width;
        float[] equal = new float[width];
        Arrays.fill(equal, 1f / width);
        float[] curvature = new float[width];
        for (int j = 0; j < width; j++) {
            curvature[j] = (float) ((1.0 / within[j] - SHARED / overall[j]) / width);
        }
        float[] slopes = new float[classes * width];
        float[] offsets = new float[classes];
        for (int c = 0; c < classes; c++) {
            double offset = 0;
            for (int j = 0; j < width; j++) {
                double mean = (double) means[c * width + j] - centre[j];
                slopes[c * width + j] = (float) (-2 * mean / within[j] / width);
                offset += mean * mean / within[j] / width;
            }
            offsets[c] = (float) offset;
        }
        Layers add = new Layers(builder);
        String squares = add.node("squares", "Mul", features, features);
        String mean = add.node("mean", "MatMul", squares, add.floats("equal", equal, width, 1));
        String positive = add.node("positive", "Add", mean, builder.constant((float) LEAST_SQUARE));
        String scaled = add.node("scaled", "Div", features, add.node("root", "Sqrt", positive));
        String x = add.node("centred", "Sub", scaled, add.floats("centre", centre, width));
        String common = add.node(
                "common", "MatMul", add.node("x.squares", "Mul", x, x), add.floats("curvature", curvature, width, 1));
        String each = builder.apply(
                builder.fresh(OUTPUT + ".each"),
                "Gemm",
                List.of(x, add.floats("slopes", slopes, classes, width), add.floats("offsets", offsets, classes)),
                Map.of("transB", Attribute.of(1)));
        String nearest = operatorSet >= AXES_AS_INPUT
                ? add.node("nearest", "ReduceMin", each, builder.constant(new long[] {1}))
                : builder.apply(
                        builder.fresh(OUTPUT + ".nearest"),
                        "ReduceMin",
                        List.of(each),
                        Map.of("axes", Attribute.of(new long[] {1})));
        return builder.apply(builder.fresh(OUTPUT), "Add", List.of(common, nearest), Map.of());
    }

    /** Adds what belongs to the distance, under names that say so. */
    private record Layers(GraphBuilder builder) {
        String node(String name, String operator, String... inputs) {
            return builder.apply(builder.fresh(OUTPUT + "." + name), operator, List.of(inputs), Map.of());
        }

        String floats(String name, float[] numbers, long... shape) {
            return builder.constant(OUTPUT + "." + name, TensorData.ofFloats(numbers, shape));
        }
    }
}
