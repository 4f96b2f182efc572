package dev.fieldfare.cli;

import dev.fieldfare.service.Action;
import dev.fieldfare.service.Event;
import dev.fieldfare.service.EventFields;
import dev.fieldfare.service.LogLines;
import java.util.Locale;

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
            console.json(EventFields.of(event));
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
            case Event.Steadied steadied -> steadied.classifier() + ": " + steadied.label() + ", for a light";
            case Event.CameraLost lost -> "camera " + lost.camera() + ": " + lost.reason();
            case Event.CameraSees sees -> "camera " + sees.camera() + " sees";
            case Event.Captured captured ->
                captured.classifier() + ": " + captured.files().size() + " pictures of '" + captured.label()
                        + "' taken, session " + captured.session();
            case Event.Training training ->
                training.classifier() + ": retraining "
                        + training.stage().name().toLowerCase(Locale.ROOT) + ": " + training.words();
            case Event.ModelChanged changed -> changed.classifier() + ": looks with " + changed.version() + " now";
            case Event.LabelsChanged changed -> changed.classifier() + ": can be taught " + changed.labels();
            case Event.Paused paused -> paused.paused() ? "paused" : "goes on";
            case Event.Refused refused -> "'" + refused.order() + "' could not be done: " + refused.reason();
        };
    }

    @Override
    public void close() {
        say("stopped");
    }
}
