package dev.fieldfare.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a model's file does not say of it. */
final class CardOptions {
    @Option(names = "--card", paramLabel = "FILE", description = "A model card (YAML) to use for this model.")
    @Nullable
    Path card;

    @Option(names = "--labels", paramLabel = "FILE", description = "Labels of the outputs, one a line.")
    @Nullable
    Path labels;

    @Option(
            names = "--label-offset",
            paramLabel = "N",
            description = "Outputs before the first label; 1 for models with a background class.")
    @Nullable
    Integer labelOffset;

    @Option(names = "--size", paramLabel = "N", description = "Pixels a side, where the model leaves it open.")
    @Nullable
    Integer size;

    @Option(names = "--colour", paramLabel = "ORDER", description = "RGB, BGR or GRAY.")
    @Nullable
    String colour;

    @Option(names = "--resize", paramLabel = "RULE", description = "short-side, stretch or letterbox.")
    @Nullable
    String resize;

    @Option(names = "--crop", paramLabel = "SHARE", description = "Of the resized short side, for example 0.875.")
    @Nullable
    Double crop;

    @Option(names = "--scale", paramLabel = "N", description = "Pixels are divided by this first, for example 255.")
    @Nullable
    Double scale;

    @Option(names = "--mean", split = ",", paramLabel = "M", description = "Taken from each channel after that.")
    @Nullable
    List<Double> mean;

    @Option(names = "--std", split = ",", paramLabel = "S", description = "Divides each channel after that.")
    @Nullable
    List<Double> std;

    @Option(
            names = "--unknown-below",
            paramLabel = "P",
            description = "What is less probable than this is answered with unknown; 0 for never.")
    @Nullable
    Double unknownBelow;

    @Option(
            names = "--unknown-beyond",
            paramLabel = "D",
            description = "What is farther from the training pictures than this is answered with unknown.")
    @Nullable
    Double unknownBeyond;

    /** The options over the card that they name. */
    CardDocument document() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode labelFile =
                labels == null ? null : json.textNode(labels.toAbsolutePath().toString());
        CardDocument options = new CardDocument(
                labelFile,
                labelOffset,
                new CardDocument.Input(size == null ? null : json.numberNode(size), null, colour, resize, crop, null),
                new CardDocument.Normalize(scale, mean, std),
                null,
                null,
                null,
                new CardDocument.Unknown(unknownBelow, unknownBeyond),
                null);
        if (card == null) {
            return options;
        }
        CardDocument fromFile = StrictYaml.read(card, CardDocument.EMPTY);
        JsonNode named = fromFile.labels();
        if (named != null && named.isTextual()) {
            // A file of labels lies beside the card that names it.
            Path beside = card.toAbsolutePath().resolveSibling(named.asText());
            fromFile = fromFile.withLabels(json.textNode(beside.toString()));
        }
        return options.over(fromFile);
    }
}
