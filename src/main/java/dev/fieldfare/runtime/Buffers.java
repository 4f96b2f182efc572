package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which values share a buffer when ONNX Runtime runs a graph, and from which node to which each buffer lives. The rules
 * are those of its allocation planner ({@code ComputeSingleStreamReusePlan}):
 *
 * <ul>
 *   <li>an output of the graph is written straight to the caller's tensor;
 *   <li>a view (Reshape and its kin) is the buffer of what it views;
 *   <li>some operators write over their first input, if nobody reads it afterwards and it has the very same shape;
 *   <li>a buffer that is dead is used again for a later value of the very same shape, and is kept until then;
 *   <li>everything else is allocated, and freed after the last that reads it.
 * </ul>
 */
final class Buffers {
    /** Operators whose output is their first input, seen differently. */
    private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

    /**
     * Operators whose kernels for the CPU may write over their first input. Found by running each: the arithmetic of two
     * tensors is not among them in ONNX Runtime 1.28, nor are the plain functions such as Exp.
     */
    private static final Set<String> IN_PLACE = Set.of(
            "Cast",
            "Celu",
            "Clip",
            "Elu",
            "HardSigmoid",
            "LeakyRelu",
            "LogSoftmax",
            "Relu",
            "ScatterElements",
            "ScatterND",
            "Selu",
            "Sigmoid",
            "Softmax",
            "Softplus",
            "Softsign",
            "Tanh",
            "ThresholdedRelu",
            "Trilu");

    private final List<List<String>> allocated = new ArrayList<>();
    private final List<List<String>> freed = new ArrayList<>();
    private final Map<String, Value> values;
    private final Map<String, String> buffers = new HashMap<>();
    private final Map<String, Integer> uses = new HashMap<>();
    private final Deque<String> dead = new ArrayDeque<>();

    private Buffers(Map<String, Value> values) {
        this.values = values;
    }

    /** Plans for nodes in their running order. */
    static Buffers of(Graph graph, List<Node> order, Map<String, Value> values) {
        Buffers plan = new Buffers(values);
        plan.plan(graph, order);
        return plan;
    }

    /** The buffers that are new at this position of the running order, by the name of their first value. */
    List<String> allocated(int position) {
        return allocated.get(position);
    }

    /** The buffers that nobody needs any more after this position. */
    List<String> freed(int position) {
        return freed.get(position);
    }

    private void plan(Graph graph, List<Node> order) {
        Set<String> outputs = new HashSet<>();
        graph.outputs().forEach(output -> outputs.add(output.name()));
        Set<String> computed = new HashSet<>();
        for (Node node : order) {
            node.reads().stream().filter(read -> !node.inputs().contains(read)).forEach(this::use);
            node.inputs().forEach(this::use);
            node.outputs().forEach(this::use);
            computed.addAll(node.outputs());
        }
        computed.remove("");
        // The caller's tensors and the constants are never free.
        outputs.forEach(this::use);
        uses.keySet().stream()
                .filter(value -> !computed.contains(value))
                .toList()
                .forEach(this::use);

        Map<String, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            Node node = order.get(i);
            List<String> fresh = new ArrayList<>();
            for (String output : node.outputs()) {
                if (output.isEmpty()) {
                    continue;
                }
                String buffer = outputs.contains(output) ? output : shared(node, output);
                if (buffer == null) {
                    fresh.add(output);
                } else if (!buffer.equals(output)) {
                    buffers.put(output, buffer);
                    uses.merge(buffer, uses.getOrDefault(output, 0), Integer::sum);
                }
            }
            allocated.add(fresh);
            for (String name : touched(node)) {
                String buffer = buffer(name);
                lastUse.put(buffer, i);
                if (uses.merge(buffer, -1, Integer::sum) == 0) {
                    dead.push(buffer);
                }
            }
        }
        order.forEach(node -> freed.add(new ArrayList<>()));
        for (List<String> fresh : allocated) {
            fresh.forEach(buffer -> freed.get(lastUse.getOrDefault(buffer, 0)).add(buffer));
        }
    }

    private void use(String value) {
        if (!value.isEmpty()) {
            uses.merge(value, 1, Integer::sum);
        }
    }

    /** All that the node reads, as often as it does, and all that it writes. */
    private static List<String> touched(Node node) {
        List<String> touched = new ArrayList<>(node.inputs());
        node.reads().stream().filter(read -> !node.inputs().contains(read)).forEach(touched::add);
        touched.addAll(node.outputs());
        touched.removeIf(String::isEmpty);
        return touched;
    }

    private String buffer(String value) {
        return buffers.getOrDefault(value, value);
    }

    /** The buffer that a new value takes over; null if it needs one of its own. */
    private @Nullable String shared(Node node, String output) {
        boolean first = output.equals(node.output(0));
        String input = node.input(0);
        if (first && node.domain().isEmpty() && VIEWS.contains(node.operator())) {
            return buffer(input);
        }
        String overwritten = overwritten(node);
        if (first && uses.getOrDefault(buffer(overwritten), 0) == 1 && alike(overwritten, output)) {
            return buffer(overwritten);
        }
        for (Iterator<String> candidates = dead.iterator(); candidates.hasNext(); ) {
            String candidate = candidates.next();
            if (alike(candidate, output)) {
                candidates.remove();
                return candidate;
            }
        }
        return null;
    }

    /** The input that the kernel may write over, empty if none. */
    private static String overwritten(Node node) {
        if (node.is("Conv") || BlockedChannels.isConvolution(node)) {
            return node.input(3); // the sum that it absorbed, see LoadedGraph
        }
        return node.domain().isEmpty() && IN_PLACE.contains(node.operator()) ? node.input(0) : "";
    }

    /** Of the same shape, which is no scalar's, and of elements of the same size. */
    private boolean alike(String one, String other) {
        Value a = values.get(one);
        Value b = values.get(other);
        if (a == null || b == null) {
            return false;
        }
        Shape shape = a.shape();
        return shape != null
                && shape.isFixed()
                && shape.rank() > 0
                && b.shape() instanceof Shape same
                && Arrays.equals(shape.sizes(), same.sizes())
                && a.type().bytes(1) == b.type().bytes(1);
    }
}
