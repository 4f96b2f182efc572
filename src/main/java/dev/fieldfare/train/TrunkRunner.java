package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.ShapeInference;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The frozen part at work: from a view of a picture to the value at the cut. One picture at a time is both faster and far
 * smaller than large batches; several threads may call at once, each with one picture.
 */
final class TrunkRunner implements AutoCloseable {
    private final Trunk trunk;
    private final Preprocessing preprocessing;
    private final Shape shape;
    private final @Nullable Session session;
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
            return;
        }
        OnnxModel settled = NoisyModel.settled(trunk.model(), ShapeInference::of);
        session = Session.open(settled, scratch, SessionSettings.ofThreads(threads));
    }

    /** The tensors of one call. */
    private record Lane(Tensor input, Tensor output) {
        void close() {
            input.close();
            output.close();
        }
    }

    /** Puts the value at the cut where the buffer stands. */
    void run(Picture picture, View view, FloatBuffer into) {
        run(prepared -> preprocessing.toTensor(picture, view, prepared), into);
    }

    /**
     * Puts the value at the cut where the buffer stands.
     *
     * @param prepare puts a prepared picture where the buffer that it gets stands
     */
    void run(Consumer<FloatBuffer> prepare, FloatBuffer into) {
        if (session == null) {
            prepare.accept(into);
            return;
        }
        Lane lane = idle.poll();
        if (lane == null) {
            lane = new Lane(Tensor.zeros(preprocessing.shape()), Tensor.zeros(shape));
        }
        prepare.accept(lane.input().elements());
        session.run(Map.of(trunk.input(), lane.input()), Map.of(trunk.features(), lane.output()));
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
