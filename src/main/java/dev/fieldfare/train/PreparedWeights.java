package dev.fieldfare.train;

import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.LoopInvariants;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What all micro-batches of a step compute of the weights, computed once for all of them. */
final class PreparedWeights implements AutoCloseable {
    private final @Nullable OnnxModel model;
    private final @Nullable Session session;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    PreparedWeights(LoopInvariants graph, int threads) {
        model = graph.once();
        session = model == null
                ? null
                : Session.open("what prepares the weights", model, SessionSettings.ofThreads(threads));
        for (Value value : graph.handedOver()) {
            tensors.put(value.name(), Tensor.zeros(Objects.requireNonNull(value.shape())));
        }
    }

    /** By the names of the inputs to which they are handed over. */
    Map<String, Tensor> tensors() {
        return tensors;
    }

    /** Computes them anew. */
    void renew(Map<String, Tensor> weights) {
        if (model == null || session == null) {
            return;
        }
        Map<String, Tensor> read = new LinkedHashMap<>();
        for (Value input : model.graph().inputs()) {
            read.put(input.name(), Objects.requireNonNull(weights.get(input.name()), input.name()));
        }
        session.run(read, tensors);
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
        tensors.values().forEach(Tensor::close);
    }
}
