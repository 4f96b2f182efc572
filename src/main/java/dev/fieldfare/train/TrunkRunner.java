package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The trunk at work: from views of pictures to features. One picture at a time is both faster and far smaller than large
 * batches.
 */
final class TrunkRunner implements AutoCloseable {
    private final Trunk trunk;
    private final Preprocessing preprocessing;
    private final Session session;
    private final Tensor input;
    private final Tensor features;

    /**
     * Loads a trunk.
     *
     * @param scratch a file for it, gone when this returns: ONNX Runtime needs least memory when it reads from a file
     * @param width of the features
     */
    TrunkRunner(Trunk trunk, Preprocessing preprocessing, int width, Path scratch, int threads) {
        this.trunk = trunk;
        this.preprocessing = preprocessing;
        OnnxFile.write(trunk.model(), scratch);
        try {
            session = Session.open(scratch, SessionSettings.ofThreads(threads));
            Files.delete(scratch);
        } catch (IOException e) {
            throw new FieldfareException("cannot remove " + scratch + ": " + e.getMessage(), e);
        }
        input = Tensor.zeros(preprocessing.shape());
        features = Tensor.zeros(1, width);
    }

    /**
     * How many features the trunk computes for a picture.
     *
     * @param shapes of all values of the trunk
     * @throws FieldfareException if they are no single row
     */
    static int width(Trunk trunk, Map<String, Shape> shapes) {
        Shape shape = shapes.get(trunk.features());
        if (shape == null || shape.rank() != 2 || !shape.isFixed() || shape.size(0) != 1) {
            throw new FieldfareException("the features before the " + trunk.classifier() + ", '" + trunk.features()
                    + "', are " + (shape == null ? "of unknown shape" : shape)
                    + "; a last layer can be trained on one row a picture, [1 x features]");
        }
        return Math.toIntExact(shape.size(1));
    }

    /** The features of a view; the buffer is good until the next call. */
    FloatBuffer features(Picture picture, View view) {
        preprocessing.toTensor(picture, view, input.elements());
        session.run(Map.of(trunk.input(), input), Map.of(trunk.features(), features));
        return features.elements();
    }

    @Override
    public void close() {
        session.close();
        input.close();
        features.close();
    }
}
