package dev.fieldfare.service;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Events for who speaks no Java: names and values. */
public final class EventFields {
    private EventFields() {}

    /** The fields of an event; {@code event} says what happened. Values are texts, numbers, booleans and lists of texts. */
    public static Map<String, Object> of(Event event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", "");
        fields.put("at", event.at().toString());
        String name = switch (event) {
            case Event.Decided decided -> {
                fields.put("classifier", decided.classifier());
                fields.put("label", decided.label());
                fields.put("before", decided.before());
                fields.put("probability", Math.round(decided.probability() * 1e4) / 1e4);
                yield "decided";
            }
            case Event.Steadied steadied -> {
                fields.put("classifier", steadied.classifier());
                fields.put("label", steadied.label());
                yield "steadied";
            }
            case Event.Captured captured -> {
                fields.put("classifier", captured.classifier());
                fields.put("label", captured.label());
                fields.put("session", captured.session());
                fields.put(
                        "files", captured.files().stream().map(Path::toString).toList());
                yield "captured";
            }
            case Event.Training training -> {
                fields.put("classifier", training.classifier());
                fields.put("stage", training.stage().name().toLowerCase(Locale.ROOT));
                fields.put("words", training.words());
                yield "training";
            }
            case Event.ModelChanged changed -> {
                fields.put("classifier", changed.classifier());
                fields.put("version", changed.version());
                yield "model-changed";
            }
            case Event.LabelsChanged changed -> {
                fields.put("classifier", changed.classifier());
                fields.put("labels", changed.labels());
                yield "labels-changed";
            }
            case Event.CameraLost lost -> {
                fields.put("camera", lost.camera());
                fields.put("reason", lost.reason());
                yield "camera-lost";
            }
            case Event.CameraSees sees -> {
                fields.put("camera", sees.camera());
                yield "camera-sees";
            }
            case Event.Paused paused -> {
                fields.put("paused", paused.paused());
                yield "paused";
            }
            case Event.Refused refused -> {
                fields.put("order", refused.order());
                fields.put("reason", refused.reason());
                yield "refused";
            }
        };
        fields.put("event", name);
        return fields;
    }

    /** A field's value as one text; the elements of a list are lines. */
    static String text(Object value) {
        return value instanceof List<?> list
                ? String.join("\n", list.stream().map(String::valueOf).toList())
                : String.valueOf(value);
    }
}
