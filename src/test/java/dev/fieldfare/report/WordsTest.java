package dev.fieldfare.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({"0.93, 93", "0.934, 93.4", "0.9996, 99.9", "1, 100", "0, 0", "0.0001, 0.1", "0.1, 10"})
    void percents(double share, String expected) {
        assertEquals(expected + "\u00A0%", Words.percent(share));
    }

    @Test
    void whatIsNoNumberIsNotZero() {
        assertEquals("–", Words.percent(Double.NaN));
    }

    @ParameterizedTest
    @CsvSource({"512, 0.5 KiB", "20480, 20 KiB", "1048576, 1 MiB", "201326592, 192 MiB", "6606028, 6.3 MiB"})
    void bytes(long bytes, String expected) {
        assertEquals(expected, Words.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "0.005714285714285714, 0.00571",
        "8.23E-4, 0.000823",
        "1E-5, 0.00001",
        "0, 0",
        "1234.5, 1230",
        "0.5, 0.5"
    })
    void learningRates(double value, String expected) {
        assertEquals(expected, Words.significant(value));
        assertEquals(expected, Words.setting(value));
    }

    @Test
    void settingsThatAreNoFractionsAreAsTheyAre() {
        assertEquals("60", Words.setting(60));
        assertEquals("blocks:9", Words.setting("blocks:9"));
        assertEquals("123456", Words.setting(123456));
    }

    @ParameterizedTest
    @CsvSource({
        "0.42, 0.42 s",
        "48.31, 48.3 s",
        "200, 3 min 20 s",
        "59.94, 59.9 s",
        "59.99, 1 min 0 s",
        "7500, 2 h 5 min"
    })
    void durations(double seconds, String expected) {
        assertEquals(expected, Words.duration(seconds));
    }

    @ParameterizedTest
    @CsvSource({"100, 100", "1.50, 1.5", "0.0004, 0", "-0.0004, 0", "12.3456, 12.346"})
    void decimals(double value, String expected) {
        assertEquals(expected, Words.decimal(value, 3));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1.37, '0 0.5 1 1.5'",
        "0, 2, '0 0.5 1 1.5 2'",
        "0.62, 1, '0.6 0.7 0.8 0.9 1'",
        "0, 0.0031, '0 0.001 0.002 0.003 0.004'",
        "0, 192, '0 50 100 150 200'",
        "3, 3, '3 3.1'"
    })
    void axesBeginAndEndAtRoundNumbersAndHoldTheValues(double low, double high, String expected) {
        Axis axis = Axis.round("", low, high, value -> Words.decimal(value, 4));
        List<String> ticks = axis.ticks().stream().map(axis.format()::apply).toList();
        assertEquals(expected, String.join(" ", ticks));
        assertTrue(axis.low() <= low && axis.high() >= high);
    }

    @Test
    void epochsAreWholeNumbers() {
        assertEquals(List.of(1.0), Axis.whole("", 1, 1).ticks());
        assertEquals(List.of(1.0, 2.0, 3.0), Axis.whole("", 1, 3).ticks());
        assertEquals(
                List.of(20.0, 40.0, 60.0, 80.0, 100.0),
                Axis.whole("", 1, 100).ticks().stream()
                        .filter(tick -> tick % 20 == 0)
                        .toList());
        assertTrue(Axis.whole("", 1, 100_000).ticks().size() <= 11);
        assertTrue(Axis.whole("", 1, 1).low() < 1 && Axis.whole("", 1, 1).high() > 1);
    }
}
