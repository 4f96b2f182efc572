package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.Value;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The input of a model that takes pictures.
 *
 * @param batch its first dimension, often open
 * @param height pixels, -1 where the model leaves it open
 * @param width pixels, -1 where the model leaves it open
 */
record ImageInput(
        String name, Shape.Dimension batch, Preprocessing.Layout layout, int channels, long height, long width) {

    /**
     * Finds it.
     *
     * @throws FieldfareException if the model takes something else than one batch of pictures
     */
    static ImageInput of(Graph graph, String file) {
        List<Value> inputs = graph.requiredInputs();
        if (inputs.size() != 1) {
            throw new FieldfareException(file + " is no image classifier: it has " + inputs.size() + " inputs ("
                    + inputs.stream().map(Value::name).collect(Collectors.joining(", "))
                    + "), and Fieldfare needs exactly one, a picture");
        }
        Value input = inputs.getFirst();
        Shape shape = input.shape();
        String found =
                "its input '" + input.name() + "' is " + input.type() + " " + (shape == null ? "of any shape" : shape);
        if (shape == null || shape.rank() != 4 || input.type() != ElementType.FLOAT) {
            throw new FieldfareException(file + " is no image classifier that Fieldfare can run: " + found
                    + "; expected FLOAT [batch x channels x height x width] or [batch x height x width x channels]");
        }
        if (shape.dimensions().getFirst().isFixed() && shape.size(0) != 1) {
            throw new FieldfareException(file + " takes exactly " + shape.size(0) + " pictures at a time (" + found
                    + "); export it with batch size 1 or an open batch size");
        }
        boolean first = isChannels(shape.size(1));
        if (!first && !isChannels(shape.size(3))) {
            throw new FieldfareException(file + " is no image classifier that Fieldfare can run: " + found
                    + ", and neither its second nor its last size is 1 or 3 channels");
        }
        return new ImageInput(
                input.name(),
                shape.dimensions().getFirst(),
                first ? Preprocessing.Layout.NCHW : Preprocessing.Layout.NHWC,
                (int) shape.size(first ? 1 : 3),
                shape.size(first ? 2 : 1),
                shape.size(first ? 3 : 2));
    }

    private static boolean isChannels(long size) {
        return size == 1 || size == 3;
    }

    /** The input as it stands in a graph for one picture. */
    Value fixed(Preprocessing preprocessing) {
        return Value.ofFloats(name, preprocessing.shape());
    }
}
