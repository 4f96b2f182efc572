package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One line of the table of gradient checks: {@code Operator | inputs | attributes | remarks}.
 *
 * <p>Inputs, separated by spaces: {@code 3x4} is a float tensor to differentiate by, {@code ()} such a scalar; {@code
 * i:0,2} is a constant list of integers, {@code i[2x1]:0,2} the same in another shape, {@code f:0.5} a constant scalar,
 * {@code s:1,0.5} a constant list of numbers, {@code c:3x4} a constant float tensor of random elements, {@code -} is left
 * out. Attributes: {@code axis=1 alpha=0.5 perm=[1,0] mode=linear}. Remarks: {@code away:0,6} keeps the elements 0.1 away
 * from these kinks; {@code apart} keeps elements of one input at least 0.1 from one another; {@code spread} shuffles
 * numbers 0.25 from one another, for inputs of many elements; {@code positive} draws them from [0.5, 2.5) instead of
 * [-2, 2); {@code outputs:2} is for nodes of several outputs, of which {@code unread:1} leaves one out of the loss;
 * {@code float32} is for operators that ONNX Runtime has in no other precision: their cases must be linear between the
 * kinks, so that a wide difference is exact.
 */
record GradientCase(String line, String operator, List<String> inputs, String attributes, List<String> remarks) {

    static GradientCase of(String line) {
        String[] parts = Arrays.copyOf(line.split("\\|", -1), 4);
        return new GradientCase(
                line.strip(),
                words(parts[0]).getFirst(),
                words(parts[1]),
                parts[2] == null ? "" : parts[2].strip(),
                words(parts[3]));
    }

    private static List<String> words(String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    boolean isSinglePrecision() {
        return remarks.contains("float32");
    }

    /** How far to step from the middle in a central difference: short of the next kink, if there are any. */
    double step() {
        if (!isSinglePrecision()) {
            return 1.0 / 8192;
        }
        return remarks.equals(List.of("float32")) ? 1 : 1.0 / 16;
    }

    /** The sizes of the inputs to differentiate by, by name. */
    Map<String, long[]> variables() {
        Map<String, long[]> variables = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).matches("\\(\\)|\\d.*")) {
                variables.put("x" + i, inputs.get(i).equals("()") ? new long[0] : longs(inputs.get(i), "x"));
            }
        }
        return variables;
    }

    /** Adds the node, reading inputs that it declares, and returns its outputs. */
    List<String> build(GraphBuilder builder, RandomGenerator random) {
        Map<String, long[]> variables = variables();
        List<String> operands = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            String input = inputs.get(i);
            long[] sizes = variables.get("x" + i);
            if (sizes != null) {
                operands.add(builder.input(Value.ofFloats("x" + i, sizes)));
            } else if (input.equals("-")) {
                operands.add("");
            } else if (input.startsWith("f:")) {
                operands.add(builder.constant(Float.parseFloat(input.substring(2))));
            } else if (input.startsWith("s:")) {
                float[] factors = floats(Stream.of(input.substring(2).split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray());
                operands.add(builder.constant("factors", TensorData.ofFloats(factors, factors.length)));
            } else if (input.startsWith("c:")) {
                long[] constant = longs(input.substring(2), "x");
                operands.add(builder.constant("tensor", TensorData.ofFloats(floats(draw(random, constant)), constant)));
            } else {
                operands.add(builder.constant("list", integers(input)));
            }
        }
        List<String> outputs = IntStream.range(0, outputs())
                .mapToObj(i -> i == 0 ? "y" : "y" + i)
                .toList();
        builder.add(new Node("y", "", operator, operands, outputs, attributeMap()));
        return outputs.stream()
                .filter(output -> !remarks.contains("unread:" + outputs.indexOf(output)))
                .toList();
    }

    private static TensorData integers(String input) {
        int colon = input.indexOf(':');
        TensorData list = TensorData.ofLongs(longs(input.substring(colon + 1), ","));
        if (colon == 1) {
            return list;
        }
        long[] sizes = longs(input.substring(2, colon - 1), "x");
        return new TensorData(list.type(), Shape.of(sizes), list.bytes());
    }

    private int outputs() {
        return remarks.stream()
                .filter(remark -> remark.startsWith("outputs:"))
                .mapToInt(remark -> Integer.parseInt(remark.substring(8)))
                .findFirst()
                .orElse(1);
    }

    private static float[] floats(double[] elements) {
        float[] floats = new float[elements.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) elements[i];
        }
        return floats;
    }

    private Map<String, Attribute> attributeMap() {
        Map<String, Attribute> map = new LinkedHashMap<>();
        for (String word : words(attributes)) {
            String name = word.substring(0, word.indexOf('='));
            String value = word.substring(name.length() + 1);
            if (value.startsWith("[")) {
                map.put(name, Attribute.of(longs(value.substring(1, value.length() - 1), ",")));
            } else if (Character.isLetter(value.charAt(0))) {
                map.put(name, Attribute.of(value));
            } else if (value.contains(".")) {
                map.put(name, Attribute.of(Float.parseFloat(value)));
            } else {
                map.put(name, Attribute.of(Long.parseLong(value)));
            }
        }
        return map;
    }

    /** Draws elements for an input. */
    double[] draw(RandomGenerator random, long... sizes) {
        double[] kinks = remarks.stream()
                .filter(remark -> remark.startsWith("away:"))
                .flatMap(remark -> Stream.of(remark.substring(5).split(",")))
                .mapToDouble(Double::parseDouble)
                .toArray();
        double origin = remarks.contains("positive") ? 0.5 : -2;
        double bound = remarks.contains("positive") ? 2.5 : 2;
        double[] elements = new double[(int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b)];
        if (remarks.contains("spread")) {
            return spread(random, elements);
        }
        for (int i = 0; i < elements.length; i++) {
            double drawn;
            do {
                drawn = random.nextDouble(origin, bound);
            } while (isNear(drawn, kinks) || remarks.contains("apart") && isNear(drawn, Arrays.copyOf(elements, i)));
            elements[i] = drawn;
        }
        return elements;
    }

    private static double[] spread(RandomGenerator random, double[] elements) {
        for (int i = 0; i < elements.length; i++) {
            int other = random.nextInt(i + 1);
            elements[i] = elements[other];
            elements[other] = (i - elements.length / 2) / 4.0;
        }
        return elements;
    }

    private static boolean isNear(double value, double[] kinks) {
        return Arrays.stream(kinks).anyMatch(kink -> Math.abs(value - kink) < 0.1);
    }

    private static long[] longs(String text, String separator) {
        return text.isEmpty()
                ? new long[0]
                : Stream.of(text.split(separator)).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public String toString() {
        return line;
    }
}
