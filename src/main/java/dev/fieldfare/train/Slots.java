package dev.fieldfare.train;

import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * Where the trainings of a retraining are noted, one after the other: of the last layer, of deeper layers, of each member.
 * Retrainings of the same have the same ones in the same order, so that an interrupted one can be gone on with.
 */
interface Slots {
    /** Nothing is noted. */
    Slots NONE = () -> new Slot() {};

    /** That of the next training. */
    Slot next();

    /** What is known of one training. */
    interface Slot {
        /** What came of it, if it was over before the interruption. */
        default Optional<FineTuner.Trained> done() {
            return Optional.empty();
        }

        /**
         * How far it had come; its tensors are put into these.
         *
         * @param tensors must be of the same names and sizes
         */
        default Optional<Checkpoint> resume(Map<String, FloatBuffer> tensors) {
            return Optional.empty();
        }

        /** Notes how far it has come, if it is time to. */
        default void save(Checkpoint checkpoint, Map<String, FloatBuffer> tensors) {}

        /** It is over. */
        default void done(FineTuner.Trained trained) {}
    }
}
