package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySizeTest {
    @ParameterizedTest
    @CsvSource({
        "192M, 201326592",
        "192m, 201326592",
        "192MB, 201326592",
        "192 MiB, 201326592",
        "1.5G, 1610612736",
        "200000K, 204800000",
        "200000000, 200000000",
        "' 64M ', 67108864",
        "none, 0",
        "None, 0"
    })
    void readsSizesAsPeopleWriteThem(String text, long bytes) {
        assertEquals(bytes, MemorySize.parse("budget", text));
    }

    /** A budget of zero would silently mean none at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "M", "-5M", "a lot", "192T", "1,5G", "0", "0M", "99999999999G"})
    void refusesAllElseByKey(String text) {
        var refused = assertThrows(FieldfareException.class, () -> MemorySize.parse("budget", text));
        assertTrue(
                refused.getMessage().startsWith("budget: '" + text + "' is no size of memory"), refused.getMessage());
        assertTrue(refused.getMessage().contains("192M"), refused.getMessage());
    }

    @Test
    void roundsUpSoThatWhatIsPrintedSuffices() {
        assertEquals("1M", MemorySize.format(1));
        assertEquals("1M", MemorySize.format(1 << 20));
        assertEquals("2M", MemorySize.format((1 << 20) + 1));
        for (long bytes : new long[] {1, 123_456_789, 201_326_592, 201_326_593}) {
            assertTrue(MemorySize.parse("budget", MemorySize.format(bytes)) >= bytes);
        }
    }
}
