package dev.fieldfare.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Preprocessing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an ONNX file cannot say of itself: labels, preprocessing, what its output means, where it comes from.
 *
 * @param labels one for each output of the model, in order
 * @param average how pictures are best looked at, as on the command line; empty where nobody said
 * @param calibration what makes probabilities of averaged looks calibrated; null where nothing was fitted
 * @param unknown when the answer is that the model does not know
 * @param provenance of models that Fieldfare wrote: hashes of parent and data, settings, seed; else empty
 */
public record ModelCard(
        List<String> labels,
        Preprocessing preprocessing,
        Output output,
        String average,
        @Nullable Calibration calibration,
        Unknown unknown,
        Map<String, Object> provenance) {
    /** The key in a model's {@code metadata_props} under which Fieldfare keeps the card, as JSON. */
    public static final String METADATA_KEY = "fieldfare.card";

    /** What the numbers are that a model puts out. */
    public enum Output {
        /** Any numbers whose softmax are the probabilities; logarithms of probabilities are such numbers. */
        LOGITS,
        PROBABILITIES
    }

    /**
     * The temperature that the mean of several looks is set to.
     *
     * @param average the looks that it was fitted to, as on the command line
     * @param temperature see {@code dev.fieldfare.predict.Temperature}; above 0
     */
    public record Calibration(String average, double temperature) {}

    /**
     * When the answer is that the model does not know.
     *
     * @param below a probability: what is less probable is unknown; 0 for never
     * @param beyond a distance from the training pictures, see {@link KnownFeatures}: what is farther is unknown; null
     *     for never
     */
    public record Unknown(double below, @Nullable Double beyond) {
        public static final Unknown NEVER = new Unknown(0, null);

        /** Whether a picture is farther than that; one whose distance is not known, NaN, is not. */
        public boolean isFar(double distance) {
            return beyond != null && distance > beyond;
        }

        /** Whether the answer to a picture is that the model does not know. */
        public boolean doubts(double probability, double distance) {
            return probability < below || isFar(distance);
        }
    }

    public ModelCard {
        labels = List.copyOf(labels);
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    /** The same of another last layer, of which nothing has been measured yet. */
    public ModelCard withClasses(List<String> newLabels, Map<String, Object> newProvenance) {
        return new ModelCard(newLabels, preprocessing, output, average, null, Unknown.NEVER, newProvenance);
    }

    /** The same of a network that gives probabilities. */
    ModelCard ofProbabilities() {
        return new ModelCard(labels, preprocessing, Output.PROBABILITIES, average, calibration, unknown, provenance);
    }

    public ModelCard withAverage(String newAverage) {
        return new ModelCard(labels, preprocessing, output, newAverage, calibration, unknown, provenance);
    }

    /** The same with what was measured of the finished model. */
    public ModelCard measured(@Nullable Calibration newCalibration, Unknown newUnknown) {
        return new ModelCard(labels, preprocessing, output, average, newCalibration, newUnknown, provenance);
    }

    /** The card as it goes into a model's metadata. */
    public String toJson() {
        ArrayNode labelList = JsonNodeFactory.instance.arrayNode();
        labels.forEach(labelList::add);
        ArrayNode size = JsonNodeFactory.instance.arrayNode();
        size.add(preprocessing.height()).add(preprocessing.width());
        return new CardDocument(
                        labelList,
                        null,
                        new CardDocument.Input(
                                size,
                                preprocessing.layout().name(),
                                preprocessing.colour().name(),
                                spelled(preprocessing.resize()),
                                preprocessing.crop(),
                                spelled(preprocessing.interpolation())),
                        new CardDocument.Normalize(preprocessing.scale(), preprocessing.mean(), preprocessing.std()),
                        spelled(output),
                        average.isEmpty() ? null : average,
                        calibration == null
                                ? null
                                : new CardDocument.Calibration(calibration.average(), calibration.temperature()),
                        unknown.equals(Unknown.NEVER)
                                ? null
                                : new CardDocument.Unknown(unknown.below(), unknown.beyond()),
                        provenance.isEmpty() ? null : provenance)
                .toJson();
    }

    /**
     * Completes what the sources say by what the model declares.
     *
     * @param document all sources, the stronger ones already on top
     * @param folder where a file of labels is looked for
     * @throws FieldfareException if something is missing, impossible or contradicts the model
     */
    static ModelCard complete(CardDocument document, ImageInput input, int classes, Output declared, Path folder) {
        CardDocument.Input wanted = document.inputOrEmpty();
        CardDocument.Normalize normalize = document.normalizeOrEmpty();
        Preprocessing.Layout layout = wanted.layout() == null
                ? input.layout()
                : choice("input.layout", wanted.layout(), Preprocessing.Layout.class);
        if (layout != input.layout()) {
            throw new FieldfareException("the card says input.layout " + layout + ", but the model's input '"
                    + input.name() + "' is " + input.layout());
        }
        Preprocessing.Colour colour = wanted.colour() == null
                ? (input.channels() == 1 ? Preprocessing.Colour.GRAY : Preprocessing.Colour.RGB)
                : choice("input.colour", wanted.colour(), Preprocessing.Colour.class);
        int[] size = size(wanted.size(), input);
        Preprocessing.Resize resize = wanted.resize() == null
                ? Preprocessing.Resize.SHORT_SIDE
                : choice("input.resize", wanted.resize(), Preprocessing.Resize.class);
        int channels = colour == Preprocessing.Colour.GRAY ? 1 : 3;
        if (channels != input.channels()) {
            throw new FieldfareException("the card says input.colour " + colour + ", which has " + channels
                    + " channels, but the model's input '" + input.name() + "' has " + input.channels());
        }
        Preprocessing preprocessing = new Preprocessing(
                size[0],
                size[1],
                layout,
                colour,
                resize,
                wanted.crop() == null ? 1.0 : wanted.crop(),
                wanted.interpolation() == null
                        ? Interpolation.BILINEAR
                        : choice("input.interpolation", wanted.interpolation(), Interpolation.class),
                normalize.scale() == null ? 255.0 : normalize.scale(),
                channels("normalize.mean", normalize.mean(), channels, 0.0),
                channels("normalize.std", normalize.std(), channels, 1.0));
        Output output = document.output() == null ? declared : choice("output", document.output(), Output.class);
        return new ModelCard(
                labels(document, classes, folder),
                preprocessing,
                output,
                document.average() == null ? "" : document.average(),
                calibration(document.calibration()),
                unknown(document.unknownOrEmpty()),
                document.provenance() == null ? Map.of() : document.provenance());
    }

    private static @Nullable Calibration calibration(CardDocument.@Nullable Calibration given) {
        if (given == null) {
            return null;
        }
        String average = given.average();
        Double temperature = given.temperature();
        if (average == null || temperature == null || !(temperature > 0) || temperature.isInfinite()) {
            throw new FieldfareException("calibration must say both of which looks it is and a temperature above 0, as"
                    + " in {average: crops:5+flip, temperature: 0.9}; the card says average " + average
                    + ", temperature " + temperature);
        }
        return new Calibration(average, temperature);
    }

    private static Unknown unknown(CardDocument.Unknown given) {
        double below = given.below() == null ? 0 : given.below();
        if (!(below >= 0 && below <= 1)) {
            throw new FieldfareException("unknown.below must be a probability, 0 to 1, not " + below);
        }
        Double beyond = given.beyond();
        if (beyond != null && beyond.isNaN()) {
            throw new FieldfareException("unknown.beyond must be a distance, not " + beyond);
        }
        return new Unknown(below, beyond);
    }

    private static List<Double> channels(String key, @Nullable List<Double> values, int channels, double otherwise) {
        if (values == null) {
            return Collections.nCopies(channels, otherwise);
        }
        if (values.size() == 1) {
            return Collections.nCopies(channels, values.getFirst());
        }
        if (values.size() != channels) {
            throw new FieldfareException(key + " has " + values.size() + " numbers; the model's input has " + channels
                    + " channels: give one number for each, or one for all");
        }
        return values;
    }

    private static int[] size(@Nullable JsonNode size, ImageInput input) {
        if (input.height() > Integer.MAX_VALUE || input.width() > Integer.MAX_VALUE) {
            throw new FieldfareException("the model's input '" + input.name() + "' takes " + input.height() + " x "
                    + input.width() + " pixels, which no picture has; the file is damaged: fetch it again");
        }
        int height = (int) input.height();
        int width = (int) input.width();
        if (size != null) {
            boolean pair = size.isArray() && size.size() == 2 && isWhole(size.get(0)) && isWhole(size.get(1));
            if (!isWhole(size) && !pair) {
                throw new FieldfareException("input.size must be a whole number or [height, width], not " + size);
            }
            int cardHeight = pair ? size.get(0).asInt() : size.asInt();
            int cardWidth = pair ? size.get(1).asInt() : size.asInt();
            if (height > 0 && height != cardHeight || width > 0 && width != cardWidth) {
                throw new FieldfareException("the card says input.size " + size + ", but the model's input '"
                        + input.name() + "' takes " + height + " x " + width + " pixels");
            }
            height = cardHeight;
            width = cardWidth;
        }
        if (height <= 0 || width <= 0) {
            throw new FieldfareException("the model leaves the size of its input '" + input.name()
                    + "' open; say it in the card (input: {size: 224}) or with --size");
        }
        return new int[] {height, width};
    }

    private static boolean isWhole(JsonNode number) {
        return number.isIntegralNumber() && number.canConvertToInt();
    }

    private static List<String> labels(CardDocument document, int classes, Path folder) {
        JsonNode given = document.labels();
        if (given == null) {
            List<String> numbers = new ArrayList<>();
            for (int i = 0; i < classes; i++) {
                numbers.add("class " + i);
            }
            return numbers;
        }
        List<String> labels = new ArrayList<>();
        int offset = document.labelOffset() == null ? 0 : document.labelOffset();
        if (offset < 0 || offset > classes) {
            throw new FieldfareException("labelOffset must be between 0 and " + classes
                    + ", the number of the model's outputs, not " + offset);
        }
        for (int i = 0; i < offset; i++) {
            labels.add("background");
        }
        String source;
        if (given.isArray()) {
            given.forEach(label -> labels.add(label.asText()));
            source = "the list of labels";
        } else {
            source = "the file of labels " + given.asText();
            labels.addAll(LabelFile.lines(folder, given.asText()));
        }
        if (labels.size() != classes) {
            throw new FieldfareException(source + " has " + (labels.size() - offset) + " labels"
                    + (offset > 0 ? " after an offset of " + offset : "") + ", but the model has " + classes
                    + " outputs; if it has outputs before the first label (a background class), set labelOffset");
        }
        return labels;
    }

    private static <E extends Enum<E>> E choice(String key, String word, Class<E> type) {
        List<String> words =
                Arrays.stream(type.getEnumConstants()).map(ModelCard::spelled).toList();
        for (E constant : type.getEnumConstants()) {
            if (spelled(constant).equalsIgnoreCase(word.replace('_', '-'))) {
                return constant;
            }
        }
        throw new FieldfareException(
                key + " cannot be '" + word + "'" + Spelling.hint(word, words) + " It is one of " + words);
    }

    /** How an enum constant is spelled in a card: {@code short-side}; abbreviations stay as they are. */
    private static String spelled(Enum<?> constant) {
        String name = constant.name();
        boolean abbreviation = name.length() <= 4;
        return abbreviation ? name : name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
