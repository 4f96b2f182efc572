package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderTest {
    @Test
    void ordersAreWordsOfPeople() {
        assertEquals(new Order.Label("", "nut", 0), Order.parse("label nut"));
        assertEquals(new Order.Label("", "great tit", 20), Order.parse(" label great tit x20 "));
        assertEquals(new Order.Label("parts", "nut", 0), Order.parse("parts: label nut"));
        assertEquals(new Order.Retrain(""), Order.parse("Retrain"));
        assertEquals(new Order.RollBack("parts"), Order.parse("parts:rollback"));
        assertEquals(new Order.Pause(true), Order.parse("pause"));
        assertEquals(new Order.Pause(false), Order.parse("resume"));
        assertEquals(new Order.Toggle(), Order.parse("toggle"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "label", "retrain now", "reboot", "retrian", ":", "x: y: retrain"})
    void whatIsNoneListsWhatThereIs(String text) {
        String message =
                assertThrows(FieldfareException.class, () -> Order.parse(text)).getMessage();
        assertTrue(message.contains("label NAME, retrain, rollback"), message);
    }

    /** Labels become folders: none may leave the folder of pictures. */
    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "a/b", "..", ".hidden", "a\\b", "a\u0000b", "a\nb", "a\u202eb", "a\ud800"})
    void labelsStayInTheirFolder(String label) {
        String message = assertThrows(FieldfareException.class, () -> new Order.Label("", label, 1))
                .getMessage();
        assertTrue(message.contains("cannot be a label"), message);
        assertThrows(FieldfareException.class, () -> new Order.Label("", "x".repeat(101), 1));
        // 60 characters of four bytes each: no folder may be called so.
        assertThrows(FieldfareException.class, () -> new Order.Label("", "\uD83D\uDC26".repeat(60), 1));
        assertEquals(120, new Order.Label("", "ü".repeat(60), 1).label().getBytes(StandardCharsets.UTF_8).length);
        assertThrows(FieldfareException.class, () -> new Order.Label("", "x", 10_001));
    }
}
