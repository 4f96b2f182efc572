package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradients of the operators that read or write elements by their indices, and of sums and triangles along axes. What
 * was read more than once collects all its gradients.
 */
final class IndexGradients {
    private IndexGradients() {}

    /** Indices that are known and follow one another are a part of the tensor, others are added up one by one. */
    static void gather(GradientContext c) {
        Shape x = c.shape(c.input(0));
        int axis = Math.floorMod(c.node().integer("axis", 0), x.rank());
        long count = c.shape(c.input(1)).elements();
        if (count == 0) {
            c.gradInput(0, c.zeros(x));
            return;
        }
        Shape rows = x.with(axis, count);
        String gradient = c.reshape(c.gradOutput(0), c.shape(c.output(0)), rows);
        long size = x.size(axis);
        long[] known = c.constant(1) == null ? new long[0] : c.constantLongs(1);
        long first = known.length == 0 ? -1 : Math.floorMod(known[0], size);
        boolean consecutive = known.length > 0;
        for (int i = 0; i < known.length; i++) {
            consecutive &= Math.floorMod(known[i], size) == first + i;
        }
        if (consecutive) {
            c.gradInput(0, Region.place(c, gradient, x.rank(), axis, first, size - first - count));
            return;
        }
        long[] line = new long[x.rank()];
        Arrays.fill(line, 1);
        line[axis] = count;
        String indices = c.apply("Expand", c.apply("Reshape", c.input(1), c.longs(line)), c.longs(rows.sizes()));
        c.gradInput(0, scatter(c, c.zeros(x), indices, gradient, axis, "add"));
    }

    static void gatherElements(GradientContext c) {
        String zeros = c.zeros(c.shape(c.input(0)));
        c.gradInput(0, scatter(c, zeros, c.input(1), c.gradOutput(0), c.node().integer("axis", 0), "add"));
    }

    static void scatterElements(GradientContext c) {
        boolean adds = adds(c);
        long axis = c.node().integer("axis", 0);
        if (c.needsGrad(0)) {
            c.gradInput(
                    0,
                    adds
                            ? c.gradOutput(0)
                            : scatter(c, c.gradOutput(0), c.input(1), c.zeros(c.shape(c.input(2))), axis, "none"));
        }
        if (c.needsGrad(2)) {
            Map<String, Attribute> along = Map.of("axis", Attribute.of(axis));
            c.gradInput(2, c.apply("GatherElements", List.of(c.gradOutput(0), c.input(1)), along));
        }
    }

    static void scatterND(GradientContext c) {
        boolean adds = adds(c);
        if (c.needsGrad(0)) {
            String zeros = adds ? "" : c.zeros(c.shape(c.input(2)));
            c.gradInput(0, adds ? c.gradOutput(0) : c.apply("ScatterND", c.gradOutput(0), c.input(1), zeros));
        }
        if (c.needsGrad(2)) {
            c.gradInput(2, c.apply("GatherND", c.gradOutput(0), c.input(1)));
        }
    }

    private static boolean adds(GradientContext c) {
        String reduction = c.node().text("reduction", "none");
        if (!reduction.equals("none") && !reduction.equals("add")) {
            throw new FieldfareException("the " + c.node().describe() + " combines elements by '" + reduction
                    + "', which has no gradient here (none and add have); train from a later node on");
        }
        return reduction.equals("add");
    }

    // Not ScatterND: ONNX Runtime adds its rows in parallel, so two with the same index would race.
    private static String scatter(
            GradientContext c, String into, String indices, String updates, long axis, String reduction) {
        return c.apply(
                "ScatterElements",
                List.of(into, indices, updates),
                Map.of("axis", Attribute.of(axis), "reduction", Attribute.of(reduction)));
    }

    /** The same sum from the other end: element i enters the sums from i on, so it collects their gradients. */
    static void cumSum(GradientContext c) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(c.node().attributes());
        attributes.put("reverse", Attribute.of(1 - c.node().integer("reverse", 0)));
        c.gradInput(0, c.apply("CumSum", List.of(c.gradOutput(0), c.input(1)), attributes));
    }

    /** The same triangle of the gradient. */
    static void trilu(GradientContext c) {
        List<String> operands = c.input(1).isEmpty() ? List.of(c.gradOutput(0)) : List.of(c.gradOutput(0), c.input(1));
        c.gradInput(0, c.apply("Trilu", operands, c.node().attributes()));
    }
}
