package dev.fieldfare.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/**
 * How ONNX Runtime runs a graph.
 *
 * @param threads how many threads work on one operator, at least 1
 * @param dimensions sizes for dimensions that the model leaves open, by their symbols; ONNX Runtime needs several times
 *     the memory for a graph whose shapes it does not know beforehand
 */
public record SessionSettings(int threads, Map<String, Long> dimensions) {
    public SessionSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        dimensions = Map.copyOf(dimensions);
    }

    public static SessionSettings ofThreads(int threads) {
        return new SessionSettings(threads, Map.of());
    }

    public SessionSettings withDimension(String symbol, long size) {
        return new SessionSettings(threads, Map.of(symbol, size));
    }

    OrtSession.SessionOptions toOptions() throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        // Nothing: it has warnings about graphs that work, says its errors in exceptions as well, and would print both
        // past the command line, with names from the model as they are, be it escape sequences for a terminal.
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
        // The memory pattern is a second copy of all activations: one block laid out after the first run, beside the
        // arena that the first run filled. Without it, a gradient graph of MobileNetV2 takes 138 MB instead of 228, a
        // forward graph as much or less, and neither is slower. The arena stays: without it, every value costs page
        // faults, and a step twice its time.
        options.setMemoryPatternOptimization(false);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        // The same input must give the same bits: without this, some kernels may choose the order of their sums.
        options.setDeterministicCompute(true);
        // Waiting threads sleep instead of spinning: a small board has other work for its cores.
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        for (Map.Entry<String, Long> entry : dimensions.entrySet()) {
            options.setSymbolicDimensionValue(entry.getKey(), entry.getValue());
        }
        return options;
    }
}
