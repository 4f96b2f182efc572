package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.Draw;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The frozen part at work: from a view of a picture to the value at the cut. Noise in it whose expectation has no closed
 * form, as the regions of fractional max pooling, is drawn for every look. One picture at a time is both faster and far
 * smaller than large batches; several threads may call at once, each with one picture.
 */
final class TrunkRunner implements AutoCloseable {
    private final Trunk trunk;
    private final Preprocessing preprocessing;
    private final Shape shape;
    private final @Nullable Session session;
    private final List<NoiseInput> noise;
    private final Queue<Lane> idle = new ConcurrentLinkedQueue<>();

    /**
     * Loads a trunk. One without nodes hands on the prepared picture itself.
     *
     * @param shape of the value at the cut
     * @param scratch a file for it, gone when this returns: ONNX Runtime needs least memory when it reads from a file
     * @param threads that work on one picture
     */
    TrunkRunner(Trunk trunk, Preprocessing preprocessing, Shape shape, Path scratch, int threads) {
        this.trunk = trunk;
        this.preprocessing = preprocessing;
        this.shape = shape;
        if (trunk.model().graph().nodes().isEmpty()) {
            session = null;
            noise = List.of();
            return;
        }
        NoisyModel noisy = NoisyModel.unsettled(trunk.model(), ShapeInference::of);
        session = Session.open(noisy.model(), scratch, SessionSettings.ofThreads(threads));
        noise = noisy.inputs();
    }

    /** The tensors of one call. */
    private record Lane(Tensor picture, Map<String, Tensor> inputs, Tensor output) {
        void close() {
            inputs.values().forEach(Tensor::close);
            output.close();
        }
    }

    private Lane lane() {
        Lane lane = idle.poll();
        if (lane != null) {
            return lane;
        }
        Tensor picture = Tensor.zeros(preprocessing.shape());
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put(trunk.input(), picture);
        noise.forEach(input -> inputs.put(input.name(), Tensor.zeros(input.shape())));
        return new Lane(picture, inputs, Tensor.zeros(shape));
    }

    /** Whether two looks at one view of a picture may differ. */
    boolean isRandom() {
        return !noise.isEmpty();
    }

    /** Puts the value at the cut where the buffer stands. */
    void run(Picture picture, Glance glance, FloatBuffer into) {
        run(prepared -> preprocessing.toTensor(picture, glance.view(), prepared), glance.draw(), into);
    }

    /**
     * Puts the value at the cut where the buffer stands.
     *
     * @param prepare puts a prepared picture where the buffer that it gets stands
     */
    void run(Consumer<FloatBuffer> prepare, Draw draw, FloatBuffer into) {
        if (session == null) {
            prepare.accept(into);
            return;
        }
        Lane lane = lane();
        prepare.accept(lane.picture().elements());
        for (NoiseInput input : noise) {
            input.draw(Objects.requireNonNull(lane.inputs().get(input.name())).elements(), draw);
        }
        session.run(lane.inputs(), Map.of(trunk.features(), lane.output()));
        into.put(lane.output().elements());
        idle.add(lane);
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
        idle.forEach(Lane::close);
    }
}
