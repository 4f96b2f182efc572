package dev.fieldfare.service;

import java.util.ArrayList;
import java.util.List;

/**
 * How a running device stands.
 *
 * @param since when it was started, by its clock (ISO 8601)
 * @param paused whether it looks at nothing for now
 */
public record Status(String name, String since, boolean paused, List<Camera> cameras, List<Classifier> classifiers) {
    public Status {
        cameras = List.copyOf(cameras);
        classifiers = List.copyOf(classifiers);
    }

    /** In one line, for {@code systemctl status}. */
    public String inWords() {
        List<String> words = new ArrayList<>();
        if (paused) {
            words.add("paused");
        }
        cameras.forEach(camera -> words.add("camera " + camera.name() + (camera.sees() ? " sees" : " does not see")));
        classifiers.forEach(
                one -> words.add(one.name() + ": " + one.decision() + (one.training() ? ", is being retrained" : "")));
        return String.join("; ", words);
    }

    /**
     * A camera.
     *
     * @param trouble why it sees nothing; empty where it does
     * @param received frames since the start
     * @param dropped frames that a newer one replaced before anybody had time for them
     */
    public record Camera(String name, boolean sees, String trouble, long received, long dropped) {}

    /**
     * A classifier.
     *
     * @param model the version in use, or the file that it began with
     * @param decision what is decided now
     * @param probability of the last look's best label
     * @param pictures labelled ones that it may learn from
     * @param training whether it is being retrained
     * @param lastTraining how its last retraining since the start ended, and why; empty where there was none
     */
    public record Classifier(
            String name,
            String model,
            List<String> labels,
            String decision,
            double probability,
            long looks,
            double looksPerSecond,
            int pictures,
            boolean training,
            String lastTraining) {
        public Classifier {
            labels = List.copyOf(labels);
        }
    }
}
