package dev.fieldfare.service;

import java.time.Clock;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Sees when it is time to learn: at a time of day, or after so many new pictures. Pictures are new until a retraining was
 * asked for. For one thread.
 */
final class Clerk {
    private final Clock clock;
    private final ToIntFunction<String> pictures;
    private final Consumer<String> retrain;
    private final Map<String, Integer> known = new HashMap<>();
    private Optional<LocalDateTime> looked = Optional.empty();

    /**
     * @param pictures from a classifier's name to how many labelled pictures it has now
     * @param retrain told which classifier is to learn
     */
    Clerk(Clock clock, ToIntFunction<String> pictures, Consumer<String> retrain) {
        this.clock = clock;
        this.pictures = pictures;
        this.retrain = retrain;
    }

    /** Pictures that there are already are not new. */
    void knows(String classifier, int count) {
        known.put(classifier, count);
    }

    /** That so many pictures were learnt from by somebody else. */
    void knowsAtLeast(String classifier, int count) {
        known.merge(classifier, count, Math::max);
    }

    /** Looks at the clock and at the pictures; to be called every now and then. */
    void look(Map<String, ClassifierSettings> classifiers) {
        LocalDateTime now = LocalDateTime.now(clock);
        classifiers.forEach((name, settings) -> {
            RetrainSettings rules = settings.retrain();
            boolean timely = rules.timeOfDay().filter(at -> passed(at, now)).isPresent();
            if (!timely && rules.afterPictures() == 0) {
                return;
            }
            int count = pictures.applyAsInt(name);
            int fresh = count - known.getOrDefault(name, 0);
            if (timely && fresh > 0 || rules.afterPictures() > 0 && fresh >= rules.afterPictures()) {
                known.put(name, count);
                retrain.accept(name);
            }
        });
        looked = Optional.of(now);
    }

    /**
     * Whether a time of day came since the last look. When the clock is set back, it does not come twice on a day that was
     * looked at before; when it jumps ahead, as that of a board without a battery does once it finds the network, times
     * that were jumped over are not made up for beyond that day.
     */
    private boolean passed(LocalTime at, LocalDateTime now) {
        if (looked.isEmpty() || !now.isAfter(looked.get())) {
            return false;
        }
        LocalDateTime today = LocalDate.from(now).atTime(at);
        return looked.get().isBefore(today) && !now.isBefore(today);
    }
}
