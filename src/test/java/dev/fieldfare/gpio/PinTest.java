package dev.fieldfare.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fieldfare.FieldfareException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PinTest {
    /** From the pinout of Raspberry Pi's documentation. */
    @ParameterizedTest
    @CsvSource({"GPIO2, 2, 3", "gpio17, 17, 11", "GPIO 4, 4, 7", "GPIO21, 21, 40", "GPIO27, 27, 13", "GPIO26, 26, 37"})
    void namesArePinsAtPlaces(String name, int number, int place) {
        assertEquals(new Pin(number), Pin.of(name));
        assertEquals(place, Pin.of(name).place());
    }

    @Test
    void everyPinHasItsPlace() {
        assertEquals(
                26,
                java.util.stream.IntStream.rangeClosed(2, 27)
                        .map(number -> new Pin(number).place())
                        .distinct()
                        .count());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GPIO28 | pin 'GPIO28' is not on the header, which has GPIO2 to GPIO27",
                "GPIO1  | pin 'GPIO1' is not on the header, which has GPIO2 to GPIO27 (GPIO0 and GPIO1 are reserved for"
                        + " add-on boards)",
                "pin 11 | pin 'pin 11' must be named as on the board, GPIO2 to GPIO27: at place 11 of the header is"
                        + " GPIO17; the command 'pinout' draws the header",
                "17     | pin '17' must be named as on the board, GPIO2 to GPIO27: GPIO17 is at place 11, and at place"
                        + " 17 of the header is 3.3 V, which no program can use; the command 'pinout' draws the header",
                "11     | pin '11' must be named as on the board, GPIO2 to GPIO27: GPIO11 is at place 23, and at place"
                        + " 11 of the header is GPIO17; the command 'pinout' draws the header",
                "pin 6  | pin 'pin 6' must be named as on the board, GPIO2 to GPIO27: at place 6 of the header is"
                        + " ground, which no program can use; the command 'pinout' draws the header",
                "40     | pin '40' must be named as on the board, GPIO2 to GPIO27: at place 40 of the header is GPIO21;"
                        + " the command 'pinout' draws the header",
                "LED    | pin 'LED' must be named as on the board, GPIO2 to GPIO27; the command 'pinout' draws the"
                        + " header",
            })
    void otherNamesAreExplained(String name, String message) {
        assertEquals(
                message,
                assertThrows(FieldfareException.class, () -> Pin.of(name)).getMessage());
    }
}
