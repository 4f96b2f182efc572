package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.View;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
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
    private final Suffix suffix;
    private final TrunkRunner trunk;
    private final @Nullable Session behind;

    /**
     * One look.
     *
     * @param cut the value at the cut, where it is asked for
     */
    record Look(Optional<FloatBuffer> cut, FloatBuffer features) {}

    /**
     * Loads what is needed.
     *
     * @param keepCut whether looks carry the value at the cut
     * @param work a folder for files that are gone when this returns
     */
    Looks(ClassifierModel model, Suffix suffix, boolean keepCut, Path work) {
        this.suffix = suffix;
        boolean split = keepCut && !suffix.isEmpty();
        Trunk front = split ? model.trunk(suffix) : model.trunk();
        Shape shape = split ? suffix.shape() : Shape.of(1, suffix.width());
        trunk = new TrunkRunner(front, model.preprocessing(), shape, work.resolve("trunk.onnx"), 1);
        behind = split ? Session.open("the suffix", suffix.forward(1), SessionSettings.ofThreads(1)) : null;
    }

    /** Looks once. */
    Look look(Picture picture, View view) {
        if (behind == null) {
            FloatBuffer features = FloatBuffer.allocate(suffix.width());
            trunk.run(picture, view, features);
            return new Look(Optional.empty(), features.flip());
        }
        FloatBuffer cut = FloatBuffer.allocate(Math.toIntExact(suffix.shape().elements()));
        trunk.run(picture, view, cut);
        try (Tensor input = Tensor.zeros(suffix.shape());
                Tensor output = Tensor.zeros(1, suffix.width())) {
            input.elements().put(cut.flip());
            behind.run(Map.of(suffix.cut(), input), Map.of(suffix.features(), output));
            FloatBuffer features = FloatBuffer.allocate(suffix.width()).put(output.elements());
            return new Look(Optional.of(cut.rewind()), features.flip());
        }
    }

    @Override
    public void close() {
        trunk.close();
        if (behind != null) {
            behind.close();
        }
    }
}
