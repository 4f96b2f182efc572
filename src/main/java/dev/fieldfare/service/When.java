package dev.fieldfare.service;

import java.util.List;

/**
 * Which events an action is for.
 *
 * @param classifier its name; empty for all
 * @param labels their labels, perhaps {@link SteadyDecision#UNKNOWN}; empty for all
 */
public record When(String classifier, List<String> labels) {
    public static final When ALWAYS = new When("", List.of());

    public When {
        labels = List.copyOf(labels);
        Checks.require(
                labels.stream().noneMatch(String::isBlank), "when.labels", "a list of labels", "one that is empty");
    }

    /** Whether the event is of this classifier and of one of these labels; what knows neither is for everybody. */
    public boolean matches(Event event) {
        return switch (event) {
            case Event.Decided decided -> matches(decided.classifier(), decided.label());
            case Event.Steadied steadied -> matches(steadied.classifier(), steadied.label());
            case Event.Captured captured -> matches(captured.classifier(), captured.label());
            case Event.Training training -> matches(training.classifier());
            case Event.ModelChanged changed -> matches(changed.classifier());
            case Event.LabelsChanged changed -> matches(changed.classifier());
            case Event.CameraLost lost -> true;
            case Event.CameraSees sees -> true;
            case Event.Paused paused -> true;
            case Event.Refused refused -> true;
        };
    }

    /** Whether it is for this classifier, whatever the label. */
    public boolean matches(String name) {
        return classifier.isEmpty() || classifier.equals(name);
    }

    private boolean matches(String name, String label) {
        return matches(name) && (labels.isEmpty() || labels.contains(label));
    }
}
