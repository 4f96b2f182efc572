package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.fieldfare.FieldfareException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether the operators that a model defines itself can be put in for what they stand for, as ONNX Runtime does at load:
 * not one that contains itself, which would never end, nor one that unfolds to millions of nodes, as ten of ten of ten do.
 */
final class FunctionCheck {
    /** Nodes, once everything is unfolded. The largest classifiers have some thousands. */
    static final long MOST_NODES = 100_000;

    private final Map<String, FunctionProto> functions = new HashMap<>();
    private final Map<String, Long> unfolded = new HashMap<>();
    private final Set<String> open = new HashSet<>();
    private final Path file;

    private FunctionCheck(ModelProto model, Path file) {
        this.file = file;
        for (FunctionProto function : model.getFunctionsList()) {
            if (functions.put(key(function.getDomain(), function.getName()), function) != null) {
                throw new FieldfareException(file + " is damaged: it defines the operator '" + function.getName()
                        + "' twice; fetch it again");
            }
        }
    }

    /**
     * Checks the functions of a model.
     *
     * @param nodes of its graph
     * @param reader reads their tensors, which checks where these lie
     */
    static void check(ModelProto model, List<NodeProto> nodes, ProtoReader reader, Path file) {
        FunctionCheck check = new FunctionCheck(model, file);
        for (FunctionProto function : model.getFunctionsList()) {
            for (NodeProto node : function.getNodeList()) {
                reader.node(node);
                if (node.getOpType().equals("Loop") || node.getOpType().equals("Scan")) {
                    throw new FieldfareException(file + " defines an operator '" + function.getName() + "' that has a "
                            + node.getOpType() + " in it, which may never end; export the model without functions");
                }
            }
        }
        check.count(nodes);
    }

    private long count(List<NodeProto> nodes) {
        long sum = 0;
        for (NodeProto node : nodes) {
            String key = key(node.getDomain(), node.getOpType());
            sum += functions.containsKey(key) ? count(key) : 1;
            if (sum > MOST_NODES) {
                throw new FieldfareException(file + " unfolds to more than " + MOST_NODES
                        + " nodes, which no image classifier needs; export it again without functions");
            }
        }
        return sum;
    }

    private long count(String key) {
        Long known = unfolded.get(key);
        if (known != null) {
            return known;
        }
        FunctionProto function = functions.get(key);
        if (function == null || !open.add(key) || open.size() > 100) {
            throw new FieldfareException(file + " defines an operator '" + key.substring(key.indexOf('\0') + 1)
                    + "' by itself, or a hundred deep; export it again without functions");
        }
        long nodes = count(function.getNodeList());
        open.remove(key);
        unfolded.put(key, nodes);
        return nodes;
    }

    private static String key(String domain, String name) {
        return domain + '\0' + name;
    }
}
