package dev.fieldfare.noise;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.PoolingRegions.Sequence;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What the attributes of a {@code FractionalMaxPool} node say, checked: the schema is in the guide to operators. */
record FractionalMaxPoolAttributes(PoolingRegions rows, PoolingRegions columns) {
    private static final Set<String> NAMES =
            new TreeSet<>(Set.of("output_size", "ratio", "sequence", "overlapping", "kernel_shape"));
    private static final String[] AXES = {"rows", "columns"};

    /**
     * Reads them.
     *
     * @param data shape of the node's input, [N x C x rows x columns]
     */
    static FractionalMaxPoolAttributes of(Node node, Shape data) {
        if (node.inputs().size() != 1 || node.outputs().size() != 1) {
            throw new FieldfareException("the " + node.describe() + " has "
                    + node.inputs().size() + " inputs and " + node.outputs().size()
                    + " outputs; expected one of each: the indices of maxima are no output");
        }
        if (data.rank() != 4) {
            throw new FieldfareException("the " + node.describe() + " reads '" + node.input(0) + "' of shape " + data
                    + "; expected [batch x channels x rows x columns]");
        }
        node.attributes().keySet().stream()
                .filter(name -> !NAMES.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw wrong(node, name, "is not known; there are " + String.join(", ", NAMES));
                });
        Sequence sequence = sequence(node);
        boolean overlapping = overlapping(node);
        if (sequence == Sequence.INTERVAL && overlapping) {
            throw wrong(node, "overlapping", "must be 0 where the sequence is 'interval': the kernel decides");
        }
        long[] kernel = kernel(node, sequence);
        long[] size = outputSize(node, data);
        PoolingRegions[] regions = new PoolingRegions[2];
        for (int axis = 0; axis < 2; axis++) {
            long most = data.size(2 + axis) - Math.max(kernel[axis] - 1, overlapping ? 1 : 0);
            if (size[axis] < 1 || size[axis] > most) {
                String named = node.attributes().containsKey("ratio") ? "ratio" : "output_size";
                throw wrong(
                        node,
                        named,
                        "gives " + size[axis] + " " + AXES[axis] + " of " + data.size(2 + axis)
                                + (most < 1 ? ", which are too few" : "; expected 1 to " + most));
            }
            regions[axis] = new PoolingRegions(
                    sequence, (int) data.size(2 + axis), (int) size[axis], (int) kernel[axis], overlapping);
        }
        return new FractionalMaxPoolAttributes(regions[0], regions[1]);
    }

    private static Sequence sequence(Node node) {
        List<String> known = Stream.of(Sequence.values())
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
        requireKind(node, "sequence", Attribute.Text.class, "a text");
        String text = node.text("sequence", known.getFirst());
        if (!known.contains(text)) {
            throw wrong(node, "sequence", "is '" + text + "'; expected one of " + String.join(", ", known));
        }
        return Sequence.values()[known.indexOf(text)];
    }

    private static boolean overlapping(Node node) {
        requireKind(node, "overlapping", Attribute.Int.class, "an integer");
        long overlapping = node.integer("overlapping", 0);
        if (overlapping != 0 && overlapping != 1) {
            throw wrong(node, "overlapping", "is " + overlapping + "; expected 0 or 1");
        }
        return overlapping == 1;
    }

    private static long[] kernel(Node node, Sequence sequence) {
        boolean given = node.attributes().containsKey("kernel_shape");
        if (given != (sequence == Sequence.INTERVAL)) {
            throw wrong(
                    node,
                    "kernel_shape",
                    given
                            ? "is for the sequence 'interval' only: else the regions follow from the sizes"
                            : "is missing; the sequence 'interval' needs it");
        }
        return given ? two(node, "kernel_shape") : new long[2];
    }

    private static long[] outputSize(Node node, Shape data) {
        boolean size = node.attributes().containsKey("output_size");
        if (size == node.attributes().containsKey("ratio")) {
            throw wrong(node, "output_size", size ? "and ratio are both there; expected one" : "or ratio is missing");
        }
        if (size) {
            return two(node, "output_size");
        }
        requireKind(node, "ratio", Attribute.Real.class, "a float");
        float ratio = node.real("ratio", 0);
        if (!(ratio > 1 && ratio <= 2)) {
            throw wrong(node, "ratio", "is " + ratio + "; expected more than 1, at most 2");
        }
        // In float32, where 12 / 1.2f is 10: in double precision it is a little less, and floor makes 9 of it.
        return new long[] {(long) (data.size(2) / ratio), (long) (data.size(3) / ratio)};
    }

    private static long[] two(Node node, String name) {
        requireKind(node, name, Attribute.Ints.class, "integers");
        long[] values = node.integers(name);
        if (values.length != 2 || Arrays.stream(values).anyMatch(value -> value < 1 || value > Integer.MAX_VALUE)) {
            throw wrong(
                    node,
                    name,
                    "is " + Arrays.toString(values) + "; expected two positive numbers, for rows and" + " columns");
        }
        return values;
    }

    private static void requireKind(Node node, String name, Class<? extends Attribute> kind, String expected) {
        Attribute attribute = node.attributes().get(name);
        if (attribute != null && !kind.isInstance(attribute)) {
            throw wrong(node, name, "has another type; expected " + expected);
        }
    }

    private static FieldfareException wrong(Node node, String name, String what) {
        return new FieldfareException("the " + node.describe() + ": attribute " + name + " " + what);
    }
}
