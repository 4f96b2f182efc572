package dev.fieldfare.gpio;

import dev.fieldfare.FieldfareException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pin of the 40-pin header that programs may use, by the name that boards, books and {@code pinout} call it:
 * {@code GPIO17}.
 *
 * @param number 2 to 27; the processor's number, not the place on the header
 */
public record Pin(int number) {
    private static final int FIRST = 2;
    private static final int LAST = 27;
    private static final Pattern NAME = Pattern.compile("GPIO ?(\\d{1,3})");
    private static final Pattern PLACE = Pattern.compile("(?:(PIN|PHYSICAL|BOARD|#) ?)?(\\d{1,3})");

    /** What lies at the places 1 to 40: GPIO numbers, or what else there is. */
    private static final String[] PLACES = {
        "3.3 V", "5 V", "2", "5 V", "3", "ground", "4", "14", "ground", "15", "17", "18", "27", "ground", "22", "23",
        "3.3 V", "24", "10", "ground", "9", "25", "11", "8", "ground", "7", "ID_SD", "ID_SC", "5", "ground", "6", "12",
        "13", "ground", "19", "16", "26", "20", "ground", "21"
    };

    public Pin {
        if (number < FIRST || number > LAST) {
            throw new IllegalArgumentException("GPIO" + number + " is not on the header");
        }
    }

    /**
     * Reads a name.
     *
     * @param name {@code GPIO2} to {@code GPIO27}, upper or lower case
     * @throws FieldfareException for anything else; where it is a place on the header, the message says which pin is there
     */
    public static Pin of(String name) {
        String plain = name.strip().toUpperCase(Locale.ROOT);
        Matcher matcher = NAME.matcher(plain);
        if (matcher.matches()) {
            int number = Integer.parseInt(matcher.group(1));
            if (number >= FIRST && number <= LAST) {
                return new Pin(number);
            }
            throw new FieldfareException("pin '" + name + "' is not on the header, which has GPIO" + FIRST + " to GPIO"
                    + LAST + (number < FIRST ? " (GPIO0 and GPIO1 are reserved for add-on boards)" : ""));
        }
        throw new FieldfareException("pin '" + name + "' must be named as on the board, GPIO" + FIRST + " to GPIO"
                + LAST + advice(PLACE.matcher(plain)) + "; the command 'pinout' draws the header");
    }

    /** A bare number may mean either. */
    private static String advice(Matcher place) {
        if (!place.matches()) {
            return "";
        }
        int number = Integer.parseInt(place.group(2));
        boolean name = place.group(1) == null && number >= FIRST && number <= LAST;
        String direct = name ? ": GPIO" + number + " is at place " + new Pin(number).place() : "";
        if (number < 1 || number > PLACES.length) {
            return direct;
        }
        String there = PLACES[number - 1];
        boolean usable = Character.isDigit(there.charAt(0)) && !there.endsWith("V");
        return direct + (name ? ", and" : ":") + " at place " + number + " of the header is "
                + (usable ? "GPIO" + there : there + ", which no program can use");
    }

    /** Where it is on the header, 1 to 40. */
    public int place() {
        for (int i = 0; i < PLACES.length; i++) {
            if (PLACES[i].equals(Integer.toString(number))) {
                return i + 1;
            }
        }
        throw new IllegalStateException("the table of places lacks GPIO" + number);
    }

    @Override
    public String toString() {
        return "GPIO" + number;
    }
}
