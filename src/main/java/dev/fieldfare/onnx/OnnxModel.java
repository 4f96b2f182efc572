package dev.fieldfare.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as an ONNX file holds it.
 *
 * @param irVersion version of the file format
 * @param operatorSets version of the operator set by domain; the standard operators have the empty domain
 * @param metadata free text by key ({@code metadata_props})
 * @param functions operators that the model defines itself, carried along as they are
 */
public record OnnxModel(
        long irVersion,
        Map<String, Long> operatorSets,
        Graph graph,
        Map<String, String> metadata,
        List<Encoded> functions) {

    public OnnxModel {
        operatorSets = Collections.unmodifiableMap(new LinkedHashMap<>(operatorSets));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        functions = List.copyOf(functions);
    }

    /** A model of standard operators only, of one operator set, without metadata. */
    public static OnnxModel of(long operatorSet, Graph graph) {
        // Format version 8 came with operator set 15 and is read by every ONNX Runtime from 1.11 on.
        return new OnnxModel(8, Map.of("", operatorSet), graph, Map.of(), List.of());
    }

    /** The version of the standard operators. */
    public long operatorSet() {
        return operatorSets.getOrDefault("", 1L);
    }

    public OnnxModel withGraph(Graph newGraph) {
        return new OnnxModel(irVersion, operatorSets, newGraph, metadata, functions);
    }

    public OnnxModel withMetadata(Map<String, String> newMetadata) {
        return new OnnxModel(irVersion, operatorSets, graph, newMetadata, functions);
    }
}
