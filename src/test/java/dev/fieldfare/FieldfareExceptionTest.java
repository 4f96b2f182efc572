package dev.fieldfare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FieldfareExceptionTest {
    @Test
    void whatATerminalWouldObeyIsShownAsAMark() {
        // Colour, title of the window, clear the screen in one character (CSI, 8 bits), and writing that turns round.
        String text = "\u001b[31m\u001b]0;x\u0007\u009b2J\u007f\u202etxt.exe\u2066\r";
        String shown = new FieldfareException(text).getMessage();
        assertEquals("\uFFFD[31m\uFFFD]0;x\uFFFD\uFFFD2J\uFFFD\uFFFDtxt.exe\uFFFD\uFFFD", shown);
    }

    @Test
    void wordsOfAllLanguagesAndEndsOfLinesStay() {
        String text = "grün, Ελλάδα, 日本, \uD83D\uDC26\n\tعربى";
        assertEquals(text, new FieldfareException(text, new IllegalStateException()).getMessage());
        assertEquals("half \uFFFD", FieldfareException.printable("half \uD83D"));
    }

    @Test
    void longMessagesKeepBothEnds() {
        String message = new FieldfareException("begin " + "x".repeat(1_000_000) + " end").getMessage();
        assertTrue(message.length() <= 4000 && message.startsWith("begin ") && message.endsWith(" end"));
    }
}
