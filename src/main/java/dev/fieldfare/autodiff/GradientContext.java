package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** What a {@link GradientRule} sees of the node that it differentiates, and where it puts what it computes. */
final class GradientContext {
    private final BackwardGraph backward;
    private final Node node;
    private final Map<String, String> outputGradients;
    private final Map<Integer, String> inputGradients = new HashMap<>();
    private final Set<Integer> contained = new HashSet<>();

    /** @param outputGradients the names of the gradients by the outputs that reach the loss */
    GradientContext(BackwardGraph backward, Node node, Map<String, String> outputGradients) {
        this.backward = backward;
        this.node = node;
        this.outputGradients = outputGradients;
    }

    /** What the graph will run on. */
    Kernels kernels() {
        return backward.kernels();
    }

    Node node() {
        return node;
    }

    /** The name of an input; empty where it is left out. */
    String input(int index) {
        return node.input(index);
    }

    String output(int index) {
        return node.output(index);
    }

    /** Whether the loss depends on an output. */
    boolean hasGradOutput(int index) {
        return outputGradients.containsKey(node.output(index));
    }

    /** The gradient of the loss by an output, a value of the output's shape. */
    String gradOutput(int index) {
        String gradient = outputGradients.get(node.output(index));
        if (gradient == null) {
            throw new IllegalStateException("output " + index + " of the " + node.describe() + " reaches no loss");
        }
        return gradient;
    }

    /** Whether the gradient by this input is wanted, or leads to a wanted one. */
    boolean needsGrad(int index) {
        return backward.dependsOnWanted(node.input(index));
    }

    /** Hands over the gradient by an input: a value of the input's shape. */
    void gradInput(int index, String gradient) {
        inputGradients.put(index, gradient);
    }

    @Nullable
    String gradInput(int index) {
        return inputGradients.get(index);
    }

    /** Says that the gradient by this input is contained in that by another, from which this input is computed. */
    void gradInputContained(int index) {
        contained.add(index);
    }

    boolean isGradInputContained(int index) {
        return contained.contains(index);
    }

    /** The nodes that compute the values of the forward graph. */
    Map<String, Node> producers() {
        return backward.producers();
    }

    /** The shape of a value of the forward graph. */
    Shape shape(String value) {
        return backward.shape(value, node);
    }

    /**
     * The elements of an input that must be a constant of the graph, for example axes.
     *
     * @throws FieldfareException if it is computed while the graph runs
     */
    long[] constantLongs(int index) {
        long[] elements = backward.constantLongs(node.input(index));
        if (elements == null) {
            throw new FieldfareException("input " + index + " ('" + node.input(index) + "') of the " + node.describe()
                    + " is not a constant, so Fieldfare cannot differentiate this node; simplify the model (fold its "
                    + "constants) or train from a later node on");
        }
        return elements;
    }

    /** An input that is a constant of the graph; null if it is left out or computed while the graph runs. */
    @Nullable
    TensorData constant(int index) {
        return backward.constant(node.input(index));
    }

    /** A value of the forward graph that is a constant of it; null if it is computed while the graph runs. */
    @Nullable
    TensorData constant(String value) {
        return backward.constant(value);
    }

    /** Emits an operator; the new value is called after the node that is differentiated. */
    String apply(String operator, String... operands) {
        return apply(operator, List.of(operands), Map.of());
    }

    String apply(String operator, List<String> operands, Map<String, Attribute> attributes) {
        return backward.apply(node.output(0) + "/" + operator, operator, operands, attributes);
    }

    /** Emits an operator of several outputs. */
    List<String> apply(String operator, List<String> operands, Map<String, Attribute> attributes, int outputs) {
        return backward.apply(node.output(0) + "/" + operator, operator, operands, attributes, outputs);
    }

    /** A float32 scalar constant. */
    String scalar(float value) {
        return backward.scalar(value);
    }

    /** Zeros that take no room in the file. */
    String zeros(Shape shape) {
        return expand(scalar(0), Shape.of(), shape);
    }

    /** A constant tensor of its own name, for contents that no other node is likely to need. */
    String tensor(TensorData data) {
        return backward.tensor(node.output(0) + "/constant", data);
    }

    /** A one-dimensional int64 constant. */
    String longs(long... values) {
        return backward.longs(values);
    }

    /**
     * Gives a gradient another shape of as many elements. What has just been given its shape is not given another one
     * after the other: ONNX Runtime would merge the two into a new node, which it runs before all others.
     */
    String reshape(String gradient, Shape from, Shape to) {
        BackwardGraph.View view = backward.viewed(gradient);
        String source = view == null ? gradient : view.of();
        Shape shape = view == null ? from : view.shape();
        if (same(shape, to)) {
            return source;
        }
        String reshaped = apply("Reshape", source, longs(to.sizes()));
        backward.view(reshaped, source, shape);
        return reshaped;
    }

    /**
     * Puts dimensions in another order.
     *
     * @param order the old places of the leading dimensions; the others stay
     */
    String permute(String value, Shape from, int... order) {
        long[] places = LongStream.range(0, from.rank())
                .map(i -> i < order.length ? order[(int) i] : i)
                .toArray();
        long[] moved =
                LongStream.of(places).filter(i -> from.size((int) i) != 1).toArray();
        long[] sorted = moved.clone();
        Arrays.sort(sorted);
        if (Arrays.equals(moved, sorted)) {
            // Only dimensions of size 1 change places, so the elements stay where they are.
            long[] to = LongStream.of(places).map(i -> from.size((int) i)).toArray();
            return reshape(value, from, Shape.of(to));
        }
        return apply("Transpose", List.of(value), Map.of("perm", Attribute.of(places)));
    }

    /** Repeats a gradient along the dimensions where it has size 1 or none: the gradient of a sum. */
    String expand(String gradient, Shape from, Shape to) {
        if (same(from, to)) {
            return gradient;
        }
        String expanded = apply("Expand", gradient, longs(to.sizes()));
        backward.repeat(expanded, gradient);
        return expanded;
    }

    /**
     * A value that broadcasts to a gradient, for an operand beside one that has the gradient's shape already: what {@link
     * #expand} has repeated, unrepeated. ONNX Runtime repeats while it multiplies: of 1,280 channels of 7 x 7 in a quarter of
     * the time, of 128 of 2 x 2 in two thirds.
     */
    String unexpanded(String gradient) {
        String source = backward.repeated(gradient);
        return source == null ? gradient : source;
    }

    /** Sums over these axes, which stay as dimensions of size 1. */
    String sumOver(String value, long... axes) {
        return apply("ReduceSum", value, longs(axes));
    }

    /**
     * Undoes a broadcast: sums a gradient over the dimensions along which its value was repeated.
     *
     * @param from the gradient's shape, that of the broadcast
     * @param to the shape of the value before it was broadcast
     */
    String sumTo(String gradient, Shape from, Shape to) {
        int leading = from.rank() - to.rank();
        long[] repeated = LongStream.range(0, from.rank())
                .filter(i -> i < leading || to.size((int) i - leading) != from.size((int) i))
                .toArray();
        if (repeated.length == 0) {
            return gradient;
        }
        String sum = apply("ReduceSum", List.of(gradient, longs(repeated)), Map.of("keepdims", Attribute.of(0)));
        long[] rest = LongStream.range(0, from.rank())
                .filter(i -> Arrays.binarySearch(repeated, i) < 0)
                .map(i -> from.size((int) i))
                .toArray();
        return reshape(sum, Shape.of(rest), to);
    }

    static boolean same(Shape first, Shape second) {
        return Arrays.equals(first.sizes(), second.sizes());
    }
}
