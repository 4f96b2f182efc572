package dev.fieldfare.service;

/** How a retraining knows which device it belongs to. */
public final class TrainingParent {
    /** The environment variable with the number of the device's process. */
    public static final String VARIABLE = "FIELDFARE_DEVICE_PROCESS";

    private TrainingParent() {}
}
