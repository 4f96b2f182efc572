package dev.fieldfare.model;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Networks of a few nodes, built by hand: a picture of 3 x 4 x 4, pooled and flattened to three features. */
final class SmallModels {
    static final int CLASSES = 2;
    static final float[] WEIGHT = {1, 2, 3, -1, -2, -3};
    static final float[] BIAS = {0.5f, -0.5f};

    private SmallModels() {}

    /** An input of pictures; a negative size is open, the first of them called N. */
    static Value picture(long... sizes) {
        Shape shape = new Shape(java.util.Arrays.stream(sizes)
                .mapToObj(size -> new Shape.Dimension(Math.max(-1, size), size < 0 ? "N" : ""))
                .toList());
        return new Value("x", ElementType.FLOAT, shape);
    }

    /** Starts a graph and gives the name of its features, [N x 3]. */
    static String features(GraphBuilder builder) {
        String x = builder.input(picture(-1, 3, 4, 4));
        String pooled = builder.apply("GlobalAveragePool", List.of(x));
        return builder.apply("features", "Flatten", List.of(pooled), Map.of());
    }

    static String gemm(GraphBuilder builder, String features) {
        String weight = builder.constant("w", TensorData.ofFloats(WEIGHT, CLASSES, 3));
        String bias = builder.constant("b", TensorData.ofFloats(BIAS, CLASSES));
        return builder.apply("logits", "Gemm", List.of(features, weight, bias), Map.of("transB", Attribute.of(1)));
    }

    static GraphBuilder start() {
        return new GraphBuilder("small");
    }

    /** Declares the output, [N x classes] unless other sizes are given, and writes the model. */
    static Path write(GraphBuilder builder, String output, Path file, long... sizes) {
        long[] declared = sizes.length == 0 ? new long[] {-1, CLASSES} : sizes;
        builder.output(new Value(output, ElementType.FLOAT, picture(declared).shape()));
        OnnxFile.write(OnnxModel.of(13, builder.build()), file);
        return file;
    }

    /** Features, a Gemm and whatever comes after. */
    static Path classifier(Path file, UnaryOperator<String> after, GraphBuilder builder) {
        return write(builder, after.apply(gemm(builder, features(builder))), file);
    }

    static Path classifier(Path file) {
        GraphBuilder builder = start();
        return classifier(file, logits -> logits, builder);
    }
}
