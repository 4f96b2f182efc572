package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.BlockedChannels;
import dev.fieldfare.runtime.Engine;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole networks as PyTorch exports them, trained in all their layers, against what PyTorch makes of them in double
 * precision. PyTorch's own single precision is off by at most 4.2e-7 in a gradient, 4.6e-7 in a parameter after ten
 * steps; the tolerances leave room for other orders of summation, and are far below what one step changes.
 */
class NetworksTest {
    private static final float TOLERANCE = 2e-6f;
    /** For gradients, of the greatest in the same tensor: those of the first layers are small. */
    private static final float RELATIVE = 2e-5f;

    static Stream<Arguments> runs() {
        return TrainedNetwork.all()
                .flatMap(network -> Stream.of("momentum", "adam")
                        .flatMap(optimizer -> IntStream.of(network.batch(), 2, 1)
                                // A batch normalization that learns from its batch learns otherwise from a part of it.
                                .filter(size -> size == network.batch()
                                        || network.statistics().isEmpty())
                                .boxed()
                                // In standard operators, and as this processor runs them best.
                                .flatMap(size -> IntStream.of(1, Engine.channelBlock())
                                        .distinct()
                                        .mapToObj(block ->
                                                Arguments.of(network, optimizer, size, size == 1 ? 2 : 1, block)))));
    }

    @ParameterizedTest(name = "{0} by {1}, {2} pictures at a time, workers: {3}, blocks of {4}")
    @MethodSource("runs")
    void trainsAsPyTorchDoes(TrainedNetwork network, String optimizer, int size, int workers, int block) {
        Updates updates = Updates.of(TrainedNetwork.rule(optimizer));
        double[] losses = Objects.requireNonNull(network.losses().get(optimizer));
        Updates portions = size < network.batch() ? updates.accumulating(workers) : updates;
        try (Steps steps = new Steps(network, size, portions, new Kernels(block))) {
            for (int step = 1; step <= losses.length; step++) {
                assertEquals(losses[step - 1], steps.gradients(), TOLERANCE, "loss of step " + step);
                if (step == 1) {
                    network.gradients().forEach((parameter, expected) -> {
                        float greatest = 0;
                        for (float g : expected) {
                            greatest = Math.max(greatest, Math.abs(g));
                        }
                        assertArrayEquals(
                                expected, steps.gradient(parameter), RELATIVE * greatest, "gradient by " + parameter);
                    });
                }
                steps.update(step, TrainedNetwork.learningRate(optimizer));
            }
            Objects.requireNonNull(network.trained().get(optimizer))
                    .forEach((tensor, expected) -> assertArrayEquals(
                            expected, steps.tensor(tensor).toArray(), TOLERANCE, tensor + " after training"));
        }
    }

    /** Steps over all pictures of a network, a few at a time, with all tensors where they lie. */
    private static final class Steps implements AutoCloseable {
        private final TrainedNetwork network;
        private final TrainingGraph training;
        private final Session gradients;
        private final Session update;
        private final int size;
        private final Map<String, Tensor> tensors = new LinkedHashMap<>();

        Steps(TrainedNetwork network, int size, Updates updates, Kernels kernels) {
            this.network = network;
            this.size = size;
            training = network.training(size, updates, kernels);
            OnnxModel running =
                    kernels.equals(Kernels.STANDARD) ? training.gradients() : BlockedChannels.of(training.gradients());
            gradients = Session.open("gradients", running, SessionSettings.ofThreads(1));
            update = Session.open("update", training.update(), SessionSettings.ofThreads(1));
            Stream.of(training.gradients(), training.update())
                    .flatMap(model -> model.graph().inputs().stream())
                    .forEach(this::allocate);
            tensors.put(training.loss(), Tensor.zeros());
        }

        private void allocate(Value value) {
            TensorData start = network.model().graph().initializers().get(value.name());
            tensors.computeIfAbsent(
                    value.name(),
                    name -> start == null
                            ? Tensor.zeros(Objects.requireNonNull(value.shape()))
                            : Tensor.of(start.floats(), start.shape().sizes()));
        }

        Tensor tensor(String name) {
            return Objects.requireNonNull(tensors.get(name), name);
        }

        private int workers() {
            return training.updates().parts();
        }

        /** The gradient by a parameter: the sum of the workers'. */
        float[] gradient(String parameter) {
            float[] sum = tensor(UpdateRule.gradient(parameter)).toArray();
            for (int worker = 1; worker < workers(); worker++) {
                FloatBuffer part =
                        tensor(UpdateRule.gradient(parameter, worker)).elements();
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += part.get(i);
                }
            }
            return sum;
        }

        /** Gradients over all pictures, each worker adding to its own; returns the loss. */
        double gradients() {
            for (String parameter : network.parameters()) {
                for (int worker = 0; worker < workers(); worker++) {
                    FloatBuffer elements =
                            tensor(UpdateRule.gradient(parameter, worker)).elements();
                    elements.put(new float[elements.remaining()]);
                }
            }
            int parts = network.batch() / size;
            double loss = 0;
            for (int part = 0; part < parts; part++) {
                fill(training.data().getFirst(), network.pictures(), part, 1);
                // The graph takes the mean over its own rows.
                fill(training.data().getLast(), network.targets(), part, 1f / parts);
                Map<String, Tensor> inputs = given(training.gradients());
                Map<String, Tensor> outputs = pinned(training.pinnedGradients());
                outputs.put(training.loss(), tensor(training.loss()));
                int worker = part % workers();
                for (String parameter : network.parameters()) {
                    Tensor own = tensor(UpdateRule.gradient(parameter, worker));
                    inputs.replace(UpdateRule.gradient(parameter), own);
                    outputs.replaceAll(
                            (output, tensor) -> tensor == tensor(UpdateRule.gradient(parameter)) ? own : tensor);
                }
                gradients.run(inputs, outputs);
                loss += tensor(training.loss()).elements().get(0);
            }
            return loss;
        }

        private void fill(Value input, TensorData all, int part, float factor) {
            FloatBuffer elements = tensor(input.name()).elements();
            FloatBuffer from = all.bytes().asFloatBuffer().position(part * elements.remaining());
            while (elements.hasRemaining()) {
                elements.put(from.get() * factor);
            }
        }

        void update(int step, float learningRate) {
            training.updates()
                    .scalars(step, Map.of("", learningRate))
                    .forEach((name, value) -> tensor(name).set(value));
            update.run(given(training.update()), pinned(training.pinnedUpdates()));
        }

        private Map<String, Tensor> given(OnnxModel model) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            model.graph().inputs().forEach(value -> given.put(value.name(), tensor(value.name())));
            return given;
        }

        private Map<String, Tensor> pinned(Map<String, String> outputs) {
            Map<String, Tensor> pinned = new LinkedHashMap<>();
            outputs.forEach((output, tensor) -> pinned.put(output, tensor(tensor)));
            return pinned;
        }

        @Override
        public void close() {
            gradients.close();
            update.close();
            tensors.values().forEach(Tensor::close);
        }
    }
}
