package dev.fieldfare.service;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.predict.Prediction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A model at work on a camera's frames: looks, makes up its mind, tells when it changes it. Its model can be exchanged
 * while it works, between two frames. Frames come in one thread; all else may be called from any.
 */
final class LiveClassifier implements AutoCloseable {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final String name;
    private final Clock clock;
    private final Events events;
    private final Collector collector;
    private final SteadyDecision decision;
    private final Map<Steadiness, SteadyDecision> forLights = new LinkedHashMap<>();
    private final AtomicReference<@Nullable Loaded> next = new AtomicReference<>();
    private volatile ClassifierSettings settings;
    private volatile Loaded loaded;
    private volatile View view;
    private volatile boolean forgetting;
    private ClassifierSettings decidesBy;
    private Instant last = Instant.MIN;
    private Instant countedFrom = Instant.MIN;
    private long looks;
    private long counted;

    /**
     * How things stand.
     *
     * @param decision what is decided
     * @param prediction the last look, null before the first
     * @param looks so far
     * @param looksPerSecond of the last seconds
     */
    record View(String decision, @Nullable Prediction prediction, long looks, double looksPerSecond) {}

    /** @param lights the rules of lights that do not go by its decision */
    LiveClassifier(
            String name,
            ClassifierSettings settings,
            Set<Steadiness> lights,
            Loaded loaded,
            Collector collector,
            Events events,
            Clock clock) {
        this.name = name;
        this.settings = settings;
        this.decidesBy = settings;
        this.loaded = loaded;
        this.collector = collector;
        this.events = events;
        this.clock = clock;
        this.decision = new SteadyDecision(settings.decision());
        lights.forEach(rule -> forLights.put(rule, new SteadyDecision(rule.over(settings.decision()))));
        this.view = new View(decision.label(), null, 0, 0);
    }

    String name() {
        return name;
    }

    ClassifierSettings settings() {
        return settings;
    }

    Collector collector() {
        return collector;
    }

    String version() {
        return loaded.version();
    }

    /** The labels that the model knows. */
    List<String> labels() {
        return loaded.classifier().labels();
    }

    View view() {
        return view;
    }

    /**
     * How it stands.
     *
     * @param pictures that it may learn from
     * @param training whether it is being retrained
     * @param lastTraining how its last retraining ended; empty for none
     */
    Status.Classifier status(int pictures, boolean training, String lastTraining) {
        View now = view;
        Prediction last = now.prediction();
        return new Status.Classifier(
                name,
                version(),
                labels(),
                now.decision(),
                last == null ? 0 : last.probability(),
                now.looks(),
                now.looksPerSecond(),
                pictures,
                training,
                lastTraining);
    }

    /** Goes by other settings from the next frame on; camera and model stay. */
    void settings(ClassifierSettings changed) {
        settings = changed;
        collector.settings(changed.collect());
    }

    /** Looks with another model from the next frame on; the one until now is closed then. */
    void exchange(Loaded other) {
        Loaded unused = next.getAndSet(other);
        if (unused != null) {
            unused.close();
        }
    }

    /** Looks at a frame, unless it comes sooner after the last than the settings allow. */
    void look(Pixels frame) {
        Loaded other = next.getAndSet(null);
        if (other != null) {
            Loaded old = loaded;
            loaded = other;
            old.close();
            events.tell(new Event.ModelChanged(clock.instant(), name, other.version()));
        }
        ClassifierSettings now = settings;
        if (decidesBy != now) {
            decidesBy = now;
            decision.settings(now.decision());
            forLights.forEach((rule, its) -> its.settings(rule.over(now.decision())));
        }
        if (forgetting) {
            forgetting = false;
            forgetLooks();
        }
        if (!isDue(now.looksPerSecond())) {
            return;
        }
        Prediction prediction = loaded.classifier().predict(frame, loaded.averaging());
        String before = decision.label();
        Optional<String> changed = decision.look(prediction);
        count(prediction);
        changed.ifPresent(label -> events.tell(
                new Event.Decided(clock.instant(), name, label, before, prediction.probability(), picture(frame))));
        forLights.forEach((rule, its) -> its.look(prediction).ifPresent(label -> tellLights(rule, label)));
        collector.offer(frame, prediction);
    }

    /** Begins anew at the next look, since what was decided may not be so any more. */
    void forget() {
        forgetting = true;
    }

    private void forgetLooks() {
        String before = decision.label();
        decision.reset();
        if (!before.equals(decision.label())) {
            events.tell(new Event.Decided(clock.instant(), name, decision.label(), before, 0, Optional.empty()));
        }
        forLights.forEach((rule, its) -> {
            its.reset();
            tellLights(rule, its.label());
        });
    }

    private void tellLights(Steadiness rule, String label) {
        events.tell(new Event.Steadied(clock.instant(), name, rule, label));
    }

    private Optional<Picture> picture(Pixels frame) {
        return events.wantPictures() ? Optional.of(frame.toPicture()) : Optional.empty();
    }

    private boolean isDue(double perSecond) {
        Instant now = clock.instant();
        boolean due = perSecond == 0
                || last.equals(Instant.MIN)
                || now.isBefore(last) // the clock was set back
                || Duration.between(last, now).toNanos() >= 1e9 / perSecond;
        last = due ? now : last;
        return due;
    }

    private void count(Prediction prediction) {
        looks++;
        counted++;
        Instant now = clock.instant();
        double perSecond = view.looksPerSecond();
        if (countedFrom.equals(Instant.MIN) || now.isBefore(countedFrom)) {
            countedFrom = now;
            counted = 0;
        } else if (Duration.between(countedFrom, now).compareTo(SECOND) >= 0) {
            perSecond = counted * 1e9 / Duration.between(countedFrom, now).toNanos();
            countedFrom = now;
            counted = 0;
        }
        view = new View(decision.label(), prediction, looks, perSecond);
    }

    /** After the thread that looks has ended. */
    @Override
    public void close() {
        collector.close();
        Loaded waiting = next.getAndSet(null);
        if (waiting != null) {
            waiting.close();
        }
        loaded.close();
    }
}
