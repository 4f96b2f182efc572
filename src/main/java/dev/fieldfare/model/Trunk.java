package dev.fieldfare.model;

import dev.fieldfare.onnx.OnnxModel;

/**
 * The frozen part of a network, from the picture to the features that the classifier reads.
 *
 * @param model for one picture
 * @param input name of its input
 * @param features name of its output, [1 x width]
 * @param classifier the layer that it was cut before, in words
 */
public record Trunk(OnnxModel model, String input, String features, String classifier) {}
