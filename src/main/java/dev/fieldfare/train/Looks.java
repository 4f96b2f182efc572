package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Suffix;
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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a network makes of views of pictures before anything is trained: the value at the cut, where that is to be kept,
 * and the features before the last layer. Several threads may call at once.
 */
final class Looks implements AutoCloseable {
    private final TrunkRunner front;
    private final int frontElements;
    private final @Nullable Behind behind;

    /** The suffix at work on a value at the cut. */
    private record Behind(Suffix suffix, Session session) {
        FloatBuffer features(FloatBuffer cut) {
            try (Tensor input = Tensor.zeros(suffix.shape());
                    Tensor output = Tensor.zeros(1, suffix.width())) {
                input.elements().put(cut.duplicate());
                session.run(Map.of(suffix.cut(), input), Map.of(suffix.features(), output));
                return FloatBuffer.allocate(suffix.width())
                        .put(output.elements())
                        .flip();
            }
        }
    }

    /**
     * One look.
     *
     * @param cut the value at the cut, where it is asked for
     */
    record Look(Optional<FloatBuffer> cut, FloatBuffer features) {}

    private Looks(TrunkRunner front, int frontElements, @Nullable Behind behind) {
        this.front = front;
        this.frontElements = frontElements;
        this.behind = behind;
    }

    /**
     * Looks of features only.
     *
     * @param work a folder for files that are gone when this returns
     */
    static Looks of(ClassifierModel model, int width, Path work) {
        TrunkRunner front = new TrunkRunner(
                model.trunk(), model.preprocessing(), Shape.of(1, width), work.resolve("trunk.onnx"), 1);
        return new Looks(front, width, null);
    }

    /** Looks of the value at the cut, too. */
    static Looks of(ClassifierModel model, Suffix suffix, Path work) {
        TrunkRunner front = new TrunkRunner(
                model.trunk(suffix), model.preprocessing(), suffix.shape(), work.resolve("trunk.onnx"), 1);
        OnnxModel settled = NoisyModel.settled(suffix.forward(1), ShapeInference::of);
        Behind behind =
                new Behind(suffix, Session.open(settled, work.resolve("suffix.onnx"), SessionSettings.ofThreads(1)));
        return new Looks(front, Math.toIntExact(suffix.shape().elements()), behind);
    }

    /** Looks once. */
    Look look(Picture picture, Glance glance) {
        FloatBuffer value = FloatBuffer.allocate(frontElements);
        front.run(picture, glance, value);
        value.flip();
        return behind == null
                ? new Look(Optional.empty(), value)
                : new Look(Optional.of(value), behind.features(value));
    }

    @Override
    public void close() {
        front.close();
        if (behind != null) {
            behind.session().close();
        }
    }
}
