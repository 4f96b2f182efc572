package dev.fieldfare.train;

/**
 * How pictures are divided.
 *
 * @param by what stays together
 * @param validation share of the pictures that says when to stop, 0.02 to 0.5
 * @param test share of the pictures that is held back, 0.02 to 0.5
 */
public record SplitSettings(By by, double validation, double test) {
    public static final SplitSettings DEFAULT = new SplitSettings(By.SESSION, 0.1, 0.2);

    /** What stays together. */
    public enum By {
        /** Pictures of one capture session, and near-identical ones. */
        SESSION,
        /** Nothing: every picture for itself. Flatters where pictures come in bursts. */
        PICTURE
    }

    public SplitSettings {
        Settings.requireRange("split.validation", validation, 0.02, 0.5);
        Settings.requireRange("split.test", test, 0.02, 0.5);
    }
}
