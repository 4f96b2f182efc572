package dev.fieldfare.service;

import dev.fieldfare.image.Picture;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Something that happened in a running device, for everybody who wants to know: lights, brokers, the log. */
public sealed interface Event {
    /** When it happened. */
    Instant at();

    /**
     * A classifier made up its mind anew.
     *
     * @param label what it decided, perhaps {@link SteadyDecision#UNKNOWN}
     * @param before what was decided until now
     * @param probability of the last look's label, 0 to 1
     * @param picture what the camera saw then, where somebody asked for pictures
     */
    record Decided(
            Instant at, String classifier, String label, String before, double probability, Optional<Picture> picture)
            implements Event {}

    /**
     * By a light's own rule, something else is to be seen than until now; for lights alone, see {@link Action#wants}.
     *
     * @param rule of the light
     * @param label perhaps {@link SteadyDecision#UNKNOWN}
     */
    record Steadied(Instant at, String classifier, Steadiness rule, String label) implements Event {}

    /** A camera fails; the device tries to open it again. */
    record CameraLost(Instant at, String camera, String reason) implements Event {}

    /** A camera delivers, for the first time or again. */
    record CameraSees(Instant at, String camera) implements Event {}

    /** Pictures for a label were taken. */
    record Captured(Instant at, String classifier, String label, String session, List<Path> files) implements Event {}

    /** A retraining got further. */
    record Training(Instant at, String classifier, Stage stage, String words) implements Event {
        /** How far a retraining is. */
        public enum Stage {
            STARTED,
            /** It waits, say for the processor to cool down. */
            RESTING,
            RESUMED,
            /** It is done, and its model is better and in use. */
            PROMOTED,
            /** It is done, and the model in use stays. */
            KEPT,
            /** It could not be done; nothing has changed. */
            FAILED;

            /** Whether no more is to come of it. */
            public boolean isEnd() {
                return this == PROMOTED || this == KEPT || this == FAILED;
            }
        }
    }

    /**
     * Another model looks from now on.
     *
     * @param version a version of the device's own, or the file that it began with
     */
    record ModelChanged(Instant at, String classifier, String version) implements Event {}

    /**
     * Another set of labels can be taught: those of the settings, those with pictures, and those of a model that was
     * learnt. Only for who has buttons for them, see {@link Action#wants}.
     */
    record LabelsChanged(Instant at, String classifier, List<String> labels) implements Event {
        public LabelsChanged {
            labels = List.copyOf(labels);
        }
    }

    /** The device pauses, or goes on. */
    record Paused(Instant at, boolean paused) implements Event {}

    /** An order could not be followed. */
    record Refused(Instant at, String order, String reason) implements Event {}
}
