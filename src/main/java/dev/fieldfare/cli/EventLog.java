package dev.fieldfare.cli;

import dev.fieldfare.service.Action;
import dev.fieldfare.service.Event;
import dev.fieldfare.service.LogLines;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Writes down what happens: one line an event, for people and the journal, and as JSON where that is asked for. */
final class EventLog implements Action {
    private final Console console;
    private final boolean json;
    private final LogLines lines;

    EventLog(Console console, boolean json, LogLines lines) {
        this.console = console;
        this.json = json;
        this.lines = lines;
    }

    @Override
    public String name() {
        return "log";
    }

    /** A line that belongs to no event. */
    void say(String sentence) {
        console.note(lines.format(LogLines.Priority.INFO, sentence));
    }

    @Override
    public void on(Event event) {
        boolean trouble = event instanceof Event.CameraLost
                || event instanceof Event.Refused
                || event instanceof Event.Training training && training.stage() == Event.Training.Stage.FAILED;
        console.note(lines.format(trouble ? LogLines.Priority.WARNING : LogLines.Priority.INFO, words(event)));
        if (json) {
            console.json(document(event));
        }
    }

    private static String words(Event event) {
        return switch (event) {
            case Event.Decided decided ->
                String.format(
                        Locale.ROOT,
                        "%s: %s (%.0f %%)",
                        decided.classifier(),
                        decided.label(),
                        100 * decided.probability());
            case Event.CameraLost lost -> "camera " + lost.camera() + ": " + lost.reason();
            case Event.CameraSees sees -> "camera " + sees.camera() + " sees";
            case Event.Captured captured ->
                captured.classifier() + ": " + captured.files().size() + " pictures of '" + captured.label()
                        + "' taken, session " + captured.session();
            case Event.Training training ->
                training.classifier() + ": retraining "
                        + training.stage().name().toLowerCase(Locale.ROOT) + ": " + training.words();
            case Event.ModelChanged changed -> changed.classifier() + ": looks with " + changed.version() + " now";
            case Event.Paused paused -> paused.paused() ? "paused" : "goes on";
            case Event.Refused refused -> "'" + refused.order() + "' could not be done: " + refused.reason();
        };
    }

    private static Map<String, Object> document(Event event) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("at", event.at().toString());
        switch (event) {
            case Event.Decided decided -> {
                document.put("event", "decided");
                document.put("classifier", decided.classifier());
                document.put("label", decided.label());
                document.put("before", decided.before());
                document.put("probability", decided.probability());
            }
            case Event.CameraLost lost -> {
                document.put("event", "cameraLost");
                document.put("camera", lost.camera());
                document.put("reason", lost.reason());
            }
            case Event.CameraSees sees -> {
                document.put("event", "cameraSees");
                document.put("camera", sees.camera());
            }
            case Event.Captured captured -> {
                document.put("event", "captured");
                document.put("classifier", captured.classifier());
                document.put("label", captured.label());
                document.put("session", captured.session());
                document.put(
                        "files", captured.files().stream().map(String::valueOf).toList());
            }
            case Event.Training training -> {
                document.put("event", "training");
                document.put("classifier", training.classifier());
                document.put("stage", training.stage().name().toLowerCase(Locale.ROOT));
                document.put("words", training.words());
            }
            case Event.ModelChanged changed -> {
                document.put("event", "modelChanged");
                document.put("classifier", changed.classifier());
                document.put("version", changed.version());
            }
            case Event.Paused paused -> {
                document.put("event", "paused");
                document.put("paused", paused.paused());
            }
            case Event.Refused refused -> {
                document.put("event", "refused");
                document.put("order", refused.order());
                document.put("reason", refused.reason());
            }
        }
        return document;
    }

    @Override
    public void close() {
        say("stopped");
    }
}
