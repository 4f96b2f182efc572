package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ModelStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What becomes of a device's models: when they are to learn, what they have learnt, which of their versions looks, what they
 * can be taught. For the thread of orders, but for {@link #status}.
 */
final class Learning implements AutoCloseable {
    private final DeviceFolder folder;
    private final Clock clock;
    private final Events events;
    private final Retrainer retrainer;
    private final LearntModels learnt;
    private final FileChanges changes = new FileChanges();
    private final PictureCounts pictures;
    private final Clerk clerk;
    private final Map<String, LiveClassifier> classifiers = new LinkedHashMap<>();
    private final Map<String, List<String>> labels = new HashMap<>();

    /** @param threads that work on one picture */
    Learning(DeviceFolder folder, int threads, Service.Surroundings around, Events events) {
        this.folder = folder;
        this.clock = around.clock();
        this.events = events;
        this.retrainer = new Retrainer(around.launcher(), around.memory(), around.health(), clock, events);
        this.learnt = new LearntModels(folder, threads, clock, around.log());
        this.pictures = new PictureCounts(clock);
        this.clerk = new Clerk(clock, name -> pictures.in(folder.album(name).pictures()), this::retrain);
    }

    /** The model that a classifier looks with first. */
    Loaded first(String name, ClassifierSettings settings) {
        changes.take(model(name));
        return learnt.load(name, settings);
    }

    /** Takes care of a classifier from now on. */
    void begin(LiveClassifier classifier) {
        String name = classifier.name();
        classifiers.put(name, classifier);
        clerk.knows(name, learnt.pictures(name));
        events.tell(new Event.ModelChanged(clock.instant(), name, classifier.version()));
    }

    /** Whether a retraining was interrupted that should go on. */
    boolean isInterrupted(String name) {
        return learnt.isInterrupted(name);
    }

    private LiveClassifier classifier(String name) {
        return Objects.requireNonNull(classifiers.get(name));
    }

    /** Looks at the clock, at the pictures and at the models; to be called every now and then. */
    void look(Map<String, ClassifierSettings> settings) {
        clerk.look(settings);
        classifiers.keySet().forEach(this::takeUpWhatOthersPutThere);
        classifiers.values().forEach(this::tellNewLabels);
    }

    /** A model from elsewhere; what a retraining of ours brings is taken up when that has said so. */
    private void takeUpWhatOthersPutThere(String name) {
        if (changes.hasSettled(model(name)) && !retrainer.running().equals(name)) {
            takeUp(name);
            clerk.knowsAtLeast(name, learnt.pictures(name));
        }
    }

    private Path model(String name) {
        return folder.models(name).resolve(ModelStore.MODEL);
    }

    /** Looks with the model that is in use in the folder of models from the next frame on, if it is another. */
    private void takeUp(String name) {
        if (changes.take(model(name))) {
            LiveClassifier classifier = classifier(name);
            classifier.exchange(learnt.load(name, classifier.settings()));
        }
    }

    /** Settings, folders of pictures and models change at any time, by whatever hand. */
    private void tellNewLabels(LiveClassifier classifier) {
        String name = classifier.name();
        Path start = folder.startFile(classifier.settings());
        // What the model of the beginning knows nobody has asked for; that may be a thousand labels.
        boolean hasLearnt = !classifier.version().equals(String.valueOf(start.getFileName()));
        List<String> now = folder.labels(name, classifier.settings(), hasLearnt ? classifier.labels() : List.of());
        if (!now.equals(labels.put(name, now))) {
            events.tell(new Event.LabelsChanged(clock.instant(), name, now));
        }
    }

    /** @throws FieldfareException if it is being retrained already */
    void retrain(String name) {
        LiveClassifier classifier = classifier(name);
        boolean taken = retrainer.request(new Retrainer.Job(
                name,
                folder.start(name, classifier.settings()),
                folder.album(name).pictures(),
                folder.models(name),
                classifier.settings().retrain(),
                () -> takeUp(name)));
        if (!taken) {
            throw new FieldfareException(name + " is being retrained already");
        }
    }

    /** @throws FieldfareException if it is being retrained, or there is nothing to go back to */
    void rollBack(String name) {
        if (retrainer.running().equals(name)) {
            throw new FieldfareException(name + " is being retrained; go back when that is done");
        }
        learnt.rollBack(name);
        takeUp(name);
    }

    /** How a classifier stands. From any thread. */
    Status.Classifier status(LiveClassifier classifier) {
        String name = classifier.name();
        return classifier.status(
                pictures.in(folder.album(name).pictures()), retrainer.running().equals(name), retrainer.lastEnd(name));
    }

    /** Ends a retraining that runs; nothing of it is put to use. */
    @Override
    public void close() {
        retrainer.close();
    }
}
