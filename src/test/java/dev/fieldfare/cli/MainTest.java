package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @Test
    void versionIsTheBuilds() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().matches("fieldfare \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R"), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void helpIsNoFailure() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().startsWith("Usage: fieldfare"), out.toString());
        assertEquals("", err.toString());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
        --verison, "Unknown option: '--verison'"
        demmo,     "Unmatched argument at index 0: 'demmo'"
        "",        "a command is missing"
        """)
    void wrongUseIsOneSentenceAndExitsWith2(String argument, String said) {
        assertEquals(2, argument.isEmpty() ? run() : run(argument));
        assertTrue(err.toString().startsWith("fieldfare: " + said), err.toString());
        assertFalse(err.toString().contains("\tat "), err.toString());
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
        classify -m models/cifar10-64.onnx --frames -1 simulated:day, "--frames must be at least 1, not -1"
        plan -m models/cifar10-64.onnx --classes 2 --epochs 0,        "the options: epochs must be between 1 and 10000"
        plan -m models/cifar10-64.onnx --classes 2 --budget lots,     "the options: budget: 'lots' is no size"
        """)
    void numbersOutOfRangeAreWrongUse(String line, String said) {
        assertEquals(2, run(line.split(" ")), err.toString());
        assertTrue(err.toString().startsWith("fieldfare: " + said), err.toString());
        assertTrue(err.toString().contains("--help'"), err.toString());
    }

    @Test
    void failureOfTheUsersIsItsMessage() {
        assertEquals(1, failures(false).failed(new FieldfareException("model.onnx is a web page")));
        assertEquals("fieldfare: model.onnx is a web page" + System.lineSeparator(), err.toString());
    }

    @Test
    void verboseAddsTheTrace() {
        assertEquals(1, failures(true).failed(new FieldfareException("model.onnx is a web page")));
        assertTrue(err.toString().startsWith("fieldfare: model.onnx is a web page"), err.toString());
        assertTrue(err.toString().contains("\tat "), err.toString());
    }

    @Test
    void failureOfOursSaysSoAndHowToReportIt() {
        assertEquals(1, failures(false).failed(new IllegalStateException("no such thing")));
        assertTrue(err.toString().startsWith("fieldfare: this is a mistake in Fieldfare"), err.toString());
        assertTrue(err.toString().contains("no such thing"), err.toString());
        assertTrue(err.toString().contains("--verbose"), err.toString());
        assertFalse(err.toString().contains("\tat "), err.toString());
    }

    @Test
    void fullHeapSaysHowToGiveMore() {
        assertEquals(1, failures(false).failed(new OutOfMemoryError("Java heap space")));
        assertTrue(err.toString().contains("FIELDFARE_JAVA_OPTIONS"), err.toString());
    }

    private Failures failures(boolean verbose) {
        return new Failures(new PrintWriter(err, true), () -> verbose);
    }
}
