package dev.fieldfare.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one source says of a model: its metadata, a YAML file beside it, or options. Whatever a source leaves out is
 * null and left to the source below it.
 *
 * @param labels a list of labels, or the name of a file beside the card with one label a line
 * @param labelOffset how many outputs come before the first label; 1 for models with a background class, default 0
 * @param output {@code logits} or {@code probabilities}
 * @param average how pictures are best looked at, such as {@code crops:5+flip}
 * @param calibration how probabilities of averaged looks become calibrated
 * @param unknown when the answer is that the model does not know
 * @param provenance where a model that Fieldfare wrote comes from
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CardDocument(
        @Nullable JsonNode labels,
        @Nullable Integer labelOffset,
        @Nullable Input input,
        @Nullable Normalize normalize,
        @Nullable String output,
        @Nullable String average,
        @Nullable Calibration calibration,
        @Nullable Unknown unknown,
        @Nullable Map<String, Object> provenance) {
    public static final CardDocument EMPTY = new CardDocument(null, null, null, null, null, null, null, null, null);

    /**
     * How a picture becomes the model's input.
     *
     * @param size pixels a side, or {@code [height, width]}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Input(
            @Nullable JsonNode size,
            @Nullable String layout,
            @Nullable String colour,
            @Nullable String resize,
            @Nullable Double crop,
            @Nullable String interpolation) {
        static final Input EMPTY = new Input(null, null, null, null, null, null);

        Input over(Input below) {
            return new Input(
                    first(size, below.size),
                    first(layout, below.layout),
                    first(colour, below.colour),
                    first(resize, below.resize),
                    first(crop, below.crop),
                    first(interpolation, below.interpolation));
        }
    }

    /** {@code (pixel / scale - mean) / std}, a mean and a standard deviation for each channel or one for all. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Normalize(
            @Nullable Double scale,
            @Nullable List<Double> mean,
            @Nullable List<Double> std) {
        static final Normalize EMPTY = new Normalize(null, null, null);

        Normalize over(Normalize below) {
            return new Normalize(first(scale, below.scale), first(mean, below.mean), first(std, below.std));
        }
    }

    /**
     * The temperature of averaged looks.
     *
     * @param average the looks that it was fitted to
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Calibration(
            @Nullable String average, @Nullable Double temperature) {}

    /**
     * When the answer is {@code unknown}.
     *
     * @param below a probability
     * @param beyond a distance from the training pictures
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Unknown(@Nullable Double below, @Nullable Double beyond) {
        static final Unknown EMPTY = new Unknown(null, null);

        Unknown over(Unknown other) {
            return new Unknown(first(below, other.below), first(beyond, other.beyond));
        }
    }

    /** A document that says nothing but this. */
    public static CardDocument ofUnknown(double below, double beyond) {
        return new CardDocument(null, null, null, null, null, null, null, new Unknown(below, beyond), null);
    }

    Unknown unknownOrEmpty() {
        return unknown == null ? Unknown.EMPTY : unknown;
    }

    Input inputOrEmpty() {
        return input == null ? Input.EMPTY : input;
    }

    Normalize normalizeOrEmpty() {
        return normalize == null ? Normalize.EMPTY : normalize;
    }

    public CardDocument withLabels(JsonNode newLabels) {
        return new CardDocument(
                newLabels, labelOffset, input, normalize, output, average, calibration, unknown, provenance);
    }

    /** What this document says, and where it is silent what the other says. */
    public CardDocument over(CardDocument below) {
        Map<String, Object> both = new LinkedHashMap<>();
        if (below.provenance != null) {
            both.putAll(below.provenance);
        }
        if (provenance != null) {
            both.putAll(provenance);
        }
        return new CardDocument(
                first(labels, below.labels),
                first(labelOffset, below.labelOffset),
                inputOrEmpty().over(below.inputOrEmpty()),
                normalizeOrEmpty().over(below.normalizeOrEmpty()),
                first(output, below.output),
                first(average, below.average),
                first(calibration, below.calibration),
                unknown == null || below.unknown == null ? first(unknown, below.unknown) : unknown.over(below.unknown),
                both);
    }

    /** The document as JSON, the same text for the same document. */
    String toJson() {
        try {
            return JsonMapper.builder().build().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a model card is always writable as JSON", e);
        }
    }

    private static <T> @Nullable T first(@Nullable T here, @Nullable T below) {
        return here != null ? here : below;
    }
}
