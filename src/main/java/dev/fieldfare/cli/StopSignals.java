package dev.fieldfare.cli;

import java.util.List;
import sun.misc.Signal;

/**
 * Lets a long-running command end by itself when the system asks it to. A shutdown hook would be too late: ONNX Runtime's
 * own hook lets its environment go at the same time, and sessions that are still at work crash.
 */
final class StopSignals {
    private StopSignals() {}

    /** Does this, once, instead of ending the process, when it is asked to end; asked again, it ends at once. */
    static void handle(Runnable stop) {
        for (String name : List.of("TERM", "INT")) {
            Signal.handle(new Signal(name), signal -> {
                Signal.handle(signal, sun.misc.SignalHandler.SIG_DFL);
                stop.run();
            });
        }
    }
}
