package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.OperatorSetUpgrade;
import dev.fieldfare.onnx.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reverse-mode differentiation of a graph into more nodes of the same graph. */
public final class Differentiation {
    /**
     * The version of the standard operators in which the appended nodes are written, so the forward graph must be of
     * it, too. 18 is the first in which all reductions take their axes as an input; ONNX Runtime has it since 1.14.
     */
    public static final long OPERATOR_SET = OperatorSetUpgrade.VERSION;

    private Differentiation() {}

    /**
     * Appends the nodes that compute the gradient of the loss by each wanted value (vector-Jacobian products in reverse
     * order, seeded with 1). Only what is needed is computed: a node is differentiated if it depends on a wanted value
     * and the loss depends on it. An operator without a rule is refused before anything is appended.
     *
     * @param builder holds the forward graph, of operator set {@value #OPERATOR_SET}, in float32
     * @param shapes the fixed shapes of all values of the forward graph: inputs, constants, intermediates
     * @param loss a value with one element
     * @param wanted inputs, constants or intermediate values
     * @return the name of the gradient (float32, of the value's shape) for each wanted value, in the order of wanted
     * @throws FieldfareException if an operator on the way has no gradient rule, if a value does not exist or has no
     *     fixed shape, if the loss is no scalar, or if it does not depend on a wanted value
     */
    public static Map<String, String> gradients(
            GraphBuilder builder, Map<String, Shape> shapes, String loss, Collection<String> wanted) {
        return gradients(builder, shapes, loss, wanted, Kernels.STANDARD);
    }

    /** The same in the form that is fastest with these kernels. */
    static Map<String, String> gradients(
            GraphBuilder builder, Map<String, Shape> shapes, String loss, Collection<String> wanted, Kernels kernels) {
        Set<String> targets = new LinkedHashSet<>(wanted);
        BackwardGraph backward = new BackwardGraph(builder, shapes, targets, kernels);
        requireValues(backward.forward(), loss, targets);
        List<Node> path = path(backward, loss, targets);

        Shape seed = shapes.get(loss);
        if (seed == null || !seed.isFixed() || seed.elements() != 1) {
            throw new FieldfareException("the loss '" + loss + "' has the shape " + seed
                    + ", but only a single number can be minimized; reduce it with ReduceMean or ReduceSum");
        }
        backward.seed(loss, seed);
        for (Node node : path.reversed()) {
            differentiate(backward, node);
        }
        Map<String, String> gradients = new LinkedHashMap<>();
        for (String value : targets) {
            String gradient = backward.gradient(value);
            if (gradient == null) {
                throw new IllegalStateException("no rule gave a gradient by '" + value + "'");
            }
            gradients.put(value, gradient);
        }
        return Collections.unmodifiableMap(gradients);
    }

    private static void requireValues(Graph forward, String loss, Set<String> wanted) {
        Set<String> known = new HashSet<>(forward.initializers().keySet());
        forward.inputs().forEach(input -> known.add(input.name()));
        forward.nodes().forEach(node -> known.addAll(node.outputs()));
        List<String> all = new ArrayList<>(wanted);
        all.add(loss);
        for (String value : all) {
            if (value.isEmpty() || !known.contains(value)) {
                throw new FieldfareException("the graph '" + forward.name() + "' has no value called '" + value
                        + "'; name an input, a constant or a node's output");
            }
        }
    }

    /** The nodes to differentiate, in running order: those between a wanted value and the loss. */
    private static List<Node> path(BackwardGraph backward, String loss, Set<String> wanted) {
        Set<String> reaching = new HashSet<>();
        reaching.add(loss);
        List<Node> path = new ArrayList<>();
        for (Node node : backward.forward().nodes().reversed()) {
            boolean reaches = node.outputs().stream().anyMatch(reaching::contains);
            if (reaches && node.reads().stream().anyMatch(backward::dependsOnWanted) && differentiates(node)) {
                path.add(node);
                node.reads().stream().filter(backward::dependsOnWanted).forEach(reaching::add);
            }
        }
        for (String value : wanted) {
            if (!reaching.contains(value)) {
                throw new FieldfareException("the loss '" + loss + "' does not depend on '" + value
                        + "', so there is nothing to learn for it; leave it out, or check which nodes the loss reads");
            }
        }
        return path.reversed();
    }

    /** Looks up the rule, which refuses unknown operators before anything is appended. */
    private static boolean differentiates(Node node) {
        return GradientRules.of(node).differentiates(node);
    }

    private static void differentiate(BackwardGraph backward, Node node) {
        Map<String, String> outputGradients = new HashMap<>();
        for (String output : node.outputs()) {
            String gradient = backward.gradient(output);
            if (gradient != null) {
                outputGradients.put(output, gradient);
            }
        }
        if (outputGradients.isEmpty()) {
            // All that reads the outputs has its share of the gradient contained in that by another input.
            return;
        }
        GradientContext context = new GradientContext(backward, node, outputGradients);
        GradientRules.of(node).apply(context);
        for (int i = 0; i < node.inputs().size(); i++) {
            if (!context.needsGrad(i) || context.isGradInputContained(i)) {
                continue;
            }
            String gradient = context.gradInput(i);
            if (gradient == null) {
                throw new FieldfareException("the " + node.describe() + " has no gradient by its input " + i + " ('"
                        + node.input(i) + "'), on which the loss depends; train from a later node on");
            }
            backward.contribute(node.input(i), gradient);
        }
    }
}
