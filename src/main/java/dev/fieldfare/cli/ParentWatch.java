package dev.fieldfare.cli;

import dev.fieldfare.service.TrainingParent;

/**
 * Ends a retraining when the device that started it is gone: nobody would take up its model, and the device that is
 * started next would train beside it. A model is promoted by one rename, so it may end at any instant.
 */
final class ParentWatch {
    private ParentWatch() {}

    /** Watches, if a device started this process. */
    static void begin() {
        String parent = System.getenv(TrainingParent.VARIABLE);
        if (parent == null || !parent.matches("\\d{1,10}")) {
            return;
        }
        ProcessHandle.of(Long.parseLong(parent))
                .ifPresentOrElse(
                        device -> device.onExit()
                                .thenRun(() -> Runtime.getRuntime().halt(Failures.FAILED)),
                        () -> Runtime.getRuntime().halt(Failures.FAILED));
    }
}
