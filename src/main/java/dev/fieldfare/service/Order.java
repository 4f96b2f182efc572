package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person asks of a running device, by button, broker or command. In text: {@code label NAME}, {@code retrain},
 * {@code rollback}, {@code pause}, {@code resume}, {@code toggle}; where there are several classifiers, with the name of
 * one in front, and where a number of pictures is asked for with that behind: {@code parts: label nut x20}.
 */
public sealed interface Order {
    /** A label and how many pictures. */
    Pattern COUNTED = Pattern.compile("(.*\\S) +x(\\d{1,5})");

    /**
     * Take pictures for a label.
     *
     * @param classifier its name, or empty for the only one
     * @param count how many; 0 for as many as the settings say
     */
    record Label(String classifier, String label, int count) implements Order {
        public Label {
            requireFolderName(label);
            Checks.requireRange("the number of pictures", count, 0, 10_000);
        }
    }

    /** Learn from the pictures there are. */
    record Retrain(String classifier) implements Order {}

    /** Go back to the model before this one. */
    record RollBack(String classifier) implements Order {}

    /** Stop looking, or go on. */
    record Pause(boolean paused) implements Order {}

    /** Pause if running, else go on. */
    record Toggle() implements Order {}

    /**
     * Reads an order.
     *
     * @throws FieldfareException if it is none; the message lists what there is
     */
    static Order parse(String text) {
        String order = text.strip();
        String classifier = "";
        int colon = order.indexOf(':');
        if (colon > 0) {
            classifier = order.substring(0, colon).strip();
            order = order.substring(colon + 1).strip();
        }
        int space = order.indexOf(' ');
        String verb = (space < 0 ? order : order.substring(0, space)).toLowerCase(Locale.ROOT);
        Optional<String> label = space < 0
                ? Optional.empty()
                : Optional.of(order.substring(space + 1).strip());
        if (verb.equals("label") && label.isPresent()) {
            Matcher counted = COUNTED.matcher(label.get());
            return counted.matches()
                    ? new Label(classifier, counted.group(1), Integer.parseInt(counted.group(2)))
                    : new Label(classifier, label.get(), 0);
        }
        if (label.isEmpty()) {
            switch (verb) {
                case "retrain":
                    return new Retrain(classifier);
                case "rollback":
                    return new RollBack(classifier);
                case "pause":
                    return new Pause(true);
                case "resume":
                    return new Pause(false);
                case "toggle":
                    return new Toggle();
                default:
            }
        }
        throw new FieldfareException(
                "'" + text + "' is no order; there are: label NAME, retrain, rollback, pause, resume"
                        + " and toggle, with a classifier's name and a colon in front where there are several");
    }

    /** Of a folder's name; Linux allows 255, and some leave room for names made from it. */
    int MOST_BYTES = 200;

    /** Labels become names of folders, and come from strangers. */
    static boolean isFolderName(String label) {
        return !label.isBlank()
                && label.length() <= 100
                && label.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES
                && label.equals(FieldfareException.printable(label))
                && label.equals(label.strip())
                && !label.startsWith(".")
                && label.chars().noneMatch(c -> c == '/' || c == '\\' || c == 0 || Character.isISOControl(c));
    }

    /** @throws FieldfareException if a label cannot be the name of a folder */
    static void requireFolderName(String label) {
        if (!isFolderName(label)) {
            throw new FieldfareException("'" + label
                    + "' cannot be a label: expected 1 to 100 characters (" + MOST_BYTES
                    + " bytes), no slash, no control character, not beginning with a dot");
        }
    }
}
