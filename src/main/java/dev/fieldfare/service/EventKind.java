package dev.fieldfare.service;

/** What sort of thing happened; by these names settings ask for events. */
public enum EventKind {
    /** A classifier made up its mind anew. */
    DECIDED,
    /** Pictures for a label were taken. */
    CAPTURED,
    /** A retraining got further, or another model looks. */
    TRAINING,
    /** A camera fails or delivers again. */
    CAMERA,
    /** The device pauses or goes on, or an order could not be followed. */
    DEVICE;

    /** The kind of an event. */
    public static EventKind of(Event event) {
        return switch (event) {
            case Event.Decided decided -> DECIDED;
            case Event.Steadied steadied -> DECIDED;
            case Event.Captured captured -> CAPTURED;
            case Event.Training training -> TRAINING;
            case Event.ModelChanged changed -> TRAINING;
            case Event.LabelsChanged changed -> TRAINING;
            case Event.CameraLost lost -> CAMERA;
            case Event.CameraSees sees -> CAMERA;
            case Event.Paused paused -> DEVICE;
            case Event.Refused refused -> DEVICE;
        };
    }
}
