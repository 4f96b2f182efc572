package dev.fieldfare.noise;

import dev.fieldfare.noise.PoolingRegions.Sequence;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fractional max pooling (Graham, arXiv 1412.6071), an operator of Fieldfare's own. Matrices of zeros and ones select what
 * the regions read: {@code z}, compared with all indices, gives them. So each picture has regions of its own, and the
 * gradient by the input is a product with the same matrices; on [32 x 32 x 32 x 32], forward and backward take less than
 * half as long as with {@code Gather}, which has one sequence for the whole batch. The price: zero times infinity is no
 * number, so an infinite element spoils its rows and columns.
 *
 * <p>Columns come first, then rows, and of several equal maxima the first operand of {@code Max} counts: so the first
 * maximum of a region in row-major order gets the gradient.
 */
final class FractionalMaxPoolOperator implements RandomOperator {
    /** The first operator set whose {@code Equal} compares floats. */
    private static final long LOWEST_OPERATOR_SET = 11;

    @Override
    public String noise() {
        return PoolingRegions.NAME;
    }

    @Override
    public boolean isStandard() {
        return false;
    }

    @Override
    public long lowestOperatorSet() {
        return LOWEST_OPERATOR_SET;
    }

    @Override
    public List<NoiseInput> lower(Node node, Shape data, GraphBuilder builder) {
        FractionalMaxPoolAttributes attributes = FractionalMaxPoolAttributes.of(node, data);
        PoolingRegions columns = attributes.columns();
        PoolingRegions rows = attributes.rows();
        // PyTorch draws intervals for each channel by itself; Graham's regions are those of a layer.
        long sequences = columns.sequence() == Sequence.INTERVAL ? data.size(1) : 1;
        Value across = input(builder, node, "columns", data.size(0), sequences, 1, columns.elements());
        Value down = input(builder, node, "rows", data.size(0), sequences, rows.elements(), 1);
        String x = node.input(0);
        String narrow = builder.fresh(node.output(0));
        maximum(
                builder,
                narrow,
                selections(builder, across, 3, columns).stream()
                        .map(selection -> builder.apply("MatMul", List.of(x, selection))));
        maximum(
                builder,
                node.output(0),
                selections(builder, down, 2, rows).stream()
                        .map(selection -> builder.apply("MatMul", List.of(selection, narrow))));
        return List.of(
                new NoiseInput(across, columns, NoiseInput.Each.PICTURE),
                new NoiseInput(down, rows, NoiseInput.Each.PICTURE));
    }

    private static Value input(GraphBuilder builder, Node node, String axis, long... sizes) {
        Value z = Value.ofFloats(builder.fresh("z/" + node.output(0) + "/" + axis), sizes);
        builder.input(z);
        return z;
    }

    /** For each position within the regions, the matrix that selects what lies there. */
    private static List<String> selections(GraphBuilder builder, Value z, int axis, PoolingRegions regions) {
        long[] crossways = {1, 1};
        crossways[3 - axis] = regions.size();
        float[] all = new float[regions.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        String indices = builder.constant("indices", TensorData.ofFloats(all, crossways));
        List<String> selections = new ArrayList<>();
        for (long first = 0; first < regions.elements(); first += regions.regions()) {
            String read = builder.apply(
                    "Slice",
                    List.of(
                            z.name(),
                            builder.constant(first),
                            builder.constant(first + regions.regions()),
                            builder.constant((long) axis)));
            String same = builder.apply("Equal", List.of(read, indices));
            selections.add(builder.apply("Cast", List.of(same), Map.of("to", Attribute.of(ElementType.FLOAT.code()))));
        }
        return selections;
    }

    private static void maximum(GraphBuilder builder, String output, Stream<String> selected) {
        builder.apply(output, "Max", selected.toList(), Map.of());
    }
}
