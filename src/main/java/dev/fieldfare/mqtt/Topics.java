package dev.fieldfare.mqtt;

/**
 * The topics of a device. Names of devices, cameras and classifiers have no characters that mean something in topics.
 *
 * @param device its name
 */
record Topics(String device) {
    private String base() {
        return "fieldfare/" + device;
    }

    /** {@code online} or {@code offline}. */
    String availability() {
        return base() + "/availability";
    }

    /** Where orders come in. */
    String command() {
        return base() + "/command";
    }

    /** What could not be done, and why. */
    String refused() {
        return base() + "/refused";
    }

    /** {@code ON} while the device looks, {@code OFF} while it pauses. */
    String looking() {
        return base() + "/looking";
    }

    /** A document with {@code problem}, {@code ON} or {@code OFF}, and {@code reason}. */
    String camera(String camera) {
        return base() + "/camera/" + camera;
    }

    private String classifier(String classifier) {
        return base() + "/classifier/" + classifier;
    }

    String label(String classifier) {
        return classifier(classifier) + "/label";
    }

    /** 0 to 1. */
    String confidence(String classifier) {
        return classifier(classifier) + "/confidence";
    }

    /** The JPEG file of what was decided on. */
    String picture(String classifier) {
        return classifier(classifier) + "/picture";
    }

    /** A document with {@code state} and {@code words}. */
    String training(String classifier) {
        return classifier(classifier) + "/training";
    }

    /** The version in use. */
    String model(String classifier) {
        return classifier(classifier) + "/model";
    }
}
