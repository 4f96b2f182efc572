package dev.fieldfare.runtime;

import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Node;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What ONNX Runtime allocates for itself while it runs a graph, worked out beforehand by its own rules: in which
 * {@linkplain ExecutionOrder order} it runs the nodes, which values share a buffer, what kernels need as workspace, and
 * how its arena fragments. Inputs and outputs are the caller's tensors and not counted, nor are constants.
 *
 * @param arenaBytes what its arena takes of the system's memory in the end: this is what a plan counts
 * @param peakBytes the largest sum of what is alive at one time
 * @param node where that is
 * @param alive what is alive then, largest first: bytes by the name of the value that the buffer was allocated for; the
 *     node's workspace under the node's description
 */
public record RunMemory(long arenaBytes, long peakBytes, String node, Map<String, Long> alive) {
    /** After so many runs the arena has settled: later runs find their chunks free. */
    private static final int RUNS = 3;

    public RunMemory {
        alive = Collections.unmodifiableMap(new LinkedHashMap<>(alive));
    }

    /**
     * Plans one run at a time; runs of several threads at once take as much each, at most.
     *
     * @param values type and shape of every value, as {@link ShapeInference#values} tells; what is missing or open
     *     counts nothing
     * @param threads of the session
     */
    public static RunMemory of(Graph graph, Map<String, Value> values, int threads) {
        List<Node> order = ExecutionOrder.of(graph, values);
        Run run = new Run(order, Buffers.of(graph, order, values), values, threads);
        for (int i = 0; i < RUNS; i++) {
            run.once();
        }
        return new RunMemory(run.arena.touched(), run.peak, run.node, run.alive);
    }

    /** Follows the allocations of run after run. */
    private static final class Run {
        private final List<Node> order;
        private final Buffers buffers;
        private final Map<String, Value> values;
        private final int threads;
        private final ArenaModel arena = new ArenaModel();
        private final Map<String, ArenaModel.Chunk> chunks = new HashMap<>();
        private final Map<String, Long> sizes = new LinkedHashMap<>();
        private long peak;
        private String node = "";
        private Map<String, Long> alive = Map.of();

        Run(List<Node> order, Buffers buffers, Map<String, Value> values, int threads) {
            this.order = order;
            this.buffers = buffers;
            this.values = values;
            this.threads = threads;
        }

        void once() {
            for (int i = 0; i < order.size(); i++) {
                Node running = order.get(i);
                // Most kernels ask for their output first; Where fills its workspace and then merges it.
                boolean outputFirst = !running.is("Where");
                if (outputFirst) {
                    allocate(i);
                }
                List<Long> pieces = Workspace.of(running, values, threads).stream()
                        .filter(bytes -> bytes > 0)
                        .toList();
                List<ArenaModel.Chunk> workspace = new ArrayList<>();
                pieces.forEach(bytes -> workspace.add(arena.take(bytes)));
                if (!outputFirst) {
                    allocate(i);
                }
                remember(running, pieces.stream().mapToLong(Long::longValue).sum());
                workspace.forEach(arena::give);
                free(i);
            }
        }

        private void allocate(int position) {
            for (String buffer : buffers.allocated(position)) {
                long bytes = Workspace.bytes(values.get(buffer));
                if (bytes > 0) {
                    chunks.put(buffer, arena.take(bytes));
                    sizes.put(buffer, bytes);
                }
            }
        }

        private void free(int position) {
            for (String buffer : buffers.freed(position)) {
                ArenaModel.Chunk chunk = chunks.remove(buffer);
                if (chunk != null) {
                    arena.give(chunk);
                    sizes.remove(buffer);
                }
            }
        }

        private void remember(Node running, long workspace) {
            long now = workspace
                    + sizes.values().stream().mapToLong(Long::longValue).sum();
            if (now > peak) {
                peak = now;
                node = running.describe();
                Map<String, Long> all = new LinkedHashMap<>(sizes);
                if (workspace > 0) {
                    all.put("workspace of the " + node, workspace);
                }
                alive = largestFirst(all);
            }
        }

        private static Map<String, Long> largestFirst(Map<String, Long> bytes) {
            return bytes.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
        }
    }
}
