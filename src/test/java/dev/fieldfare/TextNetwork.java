package dev.fieldfare;

import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Small networks written as text: {@code a conv3:4 x; b relu a; c add b x}. Each statement is the name of a value, the
 * operator that computes it, with how many channels where it needs to be told, and the values it reads. The input is
 * {@code x}, [1 x 3 x 8 x 8]; weights are random, called {@code a.weight} and {@code a.bias}; the node is {@code /a}.
 * A layer takes another's weights with {@code b conv3=a x}. The last value is the output.
 */
public final class TextNetwork {
    public static final int SIDE = 8;

    private final GraphBuilder builder = new GraphBuilder("text");
    private final Map<String, Integer> channels = new HashMap<>(Map.of("x", 3));
    private String last = "x";

    private TextNetwork() {}

    /** For one picture. */
    public static OnnxModel of(String text) {
        return new TextNetwork().model(text, new Shape.Dimension(1, ""), 17);
    }

    /** A classifier in a file, for any number of pictures, whose last statement is a {@code gemm}. */
    public static ClassifierModel classifier(String text, Path file) {
        OnnxFile.write(new TextNetwork().model(text, new Shape.Dimension(-1, "N"), 17), file);
        return ClassifierModel.open(file, CardDocument.EMPTY);
    }

    private OnnxModel model(String text, Shape.Dimension batch, long operatorSet) {
        builder.input(new Value("x", ElementType.FLOAT, shape(batch, 3, SIDE, SIDE)));
        for (String statement : text.split(";")) {
            statement(statement.strip().split(" +"));
        }
        boolean row = text.contains("flatten");
        builder.output(new Value(last, ElementType.FLOAT, row ? shape(batch, channels.get(last)) : null));
        Map<String, Long> operatorSets =
                text.contains("fractional") ? Map.of("", operatorSet, NoisyModel.DOMAIN, 1L) : Map.of("", operatorSet);
        return new OnnxModel(8, operatorSets, builder.build(), Map.of(), List.of());
    }

    private static Shape shape(Shape.Dimension batch, long... sizes) {
        List<Shape.Dimension> dimensions = new ArrayList<>(List.of(batch));
        for (long size : sizes) {
            dimensions.add(new Shape.Dimension(size, ""));
        }
        return new Shape(dimensions);
    }

    private void statement(String[] words) {
        last = words[0];
        String[] operator = words[1].split("[:=]");
        List<String> operands = new ArrayList<>(List.of(words).subList(2, words.length));
        int in = operands.isEmpty() ? 0 : channels.get(operands.getFirst());
        int out = words[1].contains(":") ? Integer.parseInt(operator[1]) : in;
        String weights = words[1].contains("=") ? operator[1] : last;
        switch (operator[0]) {
            case "conv1" -> conv(operands, weights, in, out, 1, 1);
            case "conv3" -> conv(operands, weights, in, out, 3, 1);
            case "depthwise" -> conv(operands, weights, in, out, 3, in);
            case "gemm" -> {
                weight(operands, weights, ".weight", in, out, in);
                weight(operands, weights, ".bias", 1, out);
                node("Gemm", operands, Map.of("transB", Attribute.of(1)));
            }
            case "normalize" -> {
                weight(operands, weights, ".scale", 1, out);
                weight(operands, weights, ".bias", 1, out);
                weight(operands, weights, ".mean", 1, out);
                float[] variance = new float[out];
                for (int i = 0; i < out; i++) {
                    variance[i] = 0.5f + 0.25f * i;
                }
                operands.add(builder.initializer(weights + ".variance", TensorData.ofFloats(variance, out)));
                node("BatchNormalization", operands, Map.of("momentum", Attribute.of(0.8f)));
            }
            case "constant" -> {
                TensorData data = TensorData.ofFloats(random(last, out, 1), 1, out, 1, 1);
                node("Constant", List.of(), Map.of("value", new Attribute.Tensor(data)));
            }
            case "concat" -> {
                out = operands.stream().mapToInt(channels::get).sum();
                node("Concat", operands, Map.of("axis", Attribute.of(1)));
            }
            case "relu" -> node("Relu", operands, Map.of());
            case "sigmoid" -> node("Sigmoid", operands, Map.of());
            case "add" -> node("Add", operands, Map.of());
            case "mul" -> node("Mul", operands, Map.of());
            case "lrn" -> node("LRN", operands, Map.of("size", Attribute.of(3)));
            case "fractional" -> {
                // Told how many rows and columns are left, which are no channels.
                long[] size = {out, out};
                out = in;
                builder.add(new Node(
                        "/" + last,
                        NoisyModel.DOMAIN,
                        "FractionalMaxPool",
                        operands,
                        List.of(last),
                        Map.of("output_size", Attribute.of(size))));
            }
            case "gap" -> node("GlobalAveragePool", operands, Map.of());
            case "flatten" -> node("Flatten", operands, Map.of("axis", Attribute.of(1)));
            default -> throw new IllegalArgumentException(String.join(" ", words));
        }
        channels.put(last, out);
    }

    private void conv(List<String> operands, String weights, int in, int out, int kernel, int groups) {
        weight(operands, weights, ".weight", in / groups * kernel * kernel, out, in / groups, kernel, kernel);
        weight(operands, weights, ".bias", 1, out);
        int pad = kernel / 2;
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("kernel_shape", Attribute.of(new long[] {kernel, kernel}));
        attributes.put("pads", Attribute.of(new long[] {pad, pad, pad, pad}));
        attributes.put("group", Attribute.of(groups));
        node("Conv", operands, attributes);
    }

    private void weight(List<String> operands, String owner, String kind, int fanIn, long... sizes) {
        String name = owner + kind;
        if (owner.equals(last)) {
            int count = Math.toIntExact(Shape.of(sizes).elements());
            builder.initializer(name, TensorData.ofFloats(random(name, count, fanIn), sizes));
        }
        operands.add(name);
    }

    private static float[] random(String name, int count, int fanIn) {
        RandomGenerator random = new Seed(3).generator(name);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() / Math.sqrt(fanIn));
        }
        return values;
    }

    private void node(String operator, List<String> operands, Map<String, Attribute> attributes) {
        builder.add(new Node("/" + last, "", operator, operands, List.of(last), attributes));
    }
}
