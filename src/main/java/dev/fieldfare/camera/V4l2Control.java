package dev.fieldfare.camera;

import java.util.List;
import java.util.Locale;

/**
 * Something about a camera that can be set, such as its exposure.
 *
 * @param name as {@code v4l2-ctl} writes it: {@code exposure_time_absolute}
 * @param least the smallest value
 * @param most the largest
 * @param step between values
 * @param standard the value that the driver begins with
 * @param items what the values from the smallest on are called; empty unless it is a menu. Those that the camera lacks
 *     are empty texts
 * @param settable false where it is read-only, or something else (an automatic) sets it at present
 */
public record V4l2Control(
        String name, Kind kind, int least, int most, int step, int standard, List<String> items, boolean settable) {
    /** What a value is. */
    public enum Kind {
        NUMBER,
        SWITCH,
        MENU,
        /** Something that the camera does when it is set. */
        ACTION
    }

    /** {@code "White Balance, Automatic"} is {@code white_balance_automatic}. */
    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
    }

    /** What it takes, for messages. */
    String range() {
        return switch (kind) {
            case SWITCH -> "on or off";
            case ACTION -> "press";
            case MENU ->
                String.join(", ", items.stream().filter(item -> !item.isEmpty()).toList());
            case NUMBER -> least + " to " + most + (step > 1 ? " in steps of " + step : "");
        };
    }
}
