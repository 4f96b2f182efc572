package dev.fieldfare.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictYamlTest {
    enum Colour {
        RED,
        GREEN
    }

    record Inner(double rate, int steps) {
        Inner {
            if (!(rate > 0)) {
                throw new FieldfareException("inner.rate must be above 0, not " + rate);
            }
        }
    }

    record Outer(
            int count,
            String name,
            Colour colour,
            boolean on,
            Inner inner,
            List<Double> list,
            Map<String, Double> map,
            @Nullable Double maybe) {
        Outer {
            if (count < 1) {
                throw new FieldfareException("count must be at least 1, not " + count);
            }
        }
    }

    private static final Outer DEFAULT = new Outer(
            1, "a name", Colour.RED, false, new Inner(0.5, 10), List.of(1.0), Map.of("x", 1.0, "y", 2.0), null);

    private static Outer parse(String yaml) {
        return StrictYaml.parse(yaml, DEFAULT, "my.yaml");
    }

    private static String refused(String yaml) {
        return assertThrows(FieldfareException.class, () -> parse(yaml)).getMessage();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n\n", "# nothing but a comment", "---\n", "{}", "inner:\n", "count:\ninner: {rate: }"})
    void whatIsLeftOutIsAsInTheDefaults(String yaml) {
        assertEquals(DEFAULT, parse(yaml));
    }

    @Test
    void whatIsGivenReplaces() {
        assertEquals(
                new Outer(
                        3,
                        "12",
                        Colour.GREEN,
                        true,
                        new Inner(0.25, 10),
                        List.of(2.0, 3.0),
                        Map.of("x", 1.0, "y", 5.0, "z", 6.0),
                        7.0),
                parse("""
                    count: 3
                    name: 12
                    colour: green
                    on: true
                    inner:
                      rate: 0.25
                    list: [2, 3]
                    map: {y: 5, z: 6}
                    maybe: 7
                    """));
    }

    @Test
    void jsonIsYamlToo() {
        assertEquals(4, parse("{\"count\": 4, \"inner\": {\"rate\": 1}}").count());
    }

    @Test
    void nestingBeyondAllReasonIsRefused() {
        String said = refused("count: " + "[".repeat(5000) + "]".repeat(5000));
        assertTrue(said.startsWith("my.yaml"), said);
        assertTrue(said.contains("this is not valid YAML ("), said);
    }

    @Test
    void aMisspeltKeyIsNamedWithItsLineAndWhatWasMeant() {
        assertEquals(
                "my.yaml, line 3: there is no key 'coutn'; did you mean 'count'? The keys here are: colour, count,"
                        + " inner, list, map, maybe, name, on",
                refused("# settings\n\ncoutn: 3\n"));
    }

    @Test
    void aMisspeltKeyWithinOthersIsNamedByItsPath() {
        assertEquals(
                "my.yaml, line 3: there is no key 'inner.rat'; did you mean 'rate'? The keys here are: rate, steps",
                refused("count: 2\ninner:\n  rat: 1\n"));
    }

    @Test
    void aKeyThatBelongsElsewhereIsNamedByItsPath() {
        assertEquals(
                "my.yaml, line 1: there is no key 'step'; did you mean 'inner.steps'? The keys here are: colour, count,"
                        + " inner, list, map, maybe, name, on",
                refused("step: 1"));
    }

    @Test
    void aKeyThatIsLikeNoOtherComesWithTheKeysThereAre() {
        assertEquals(
                "my.yaml, line 1: there is no key 'inner.elephant'. The keys here are: rate, steps",
                refused("inner: {elephant: 1}"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "count: many";            "my.yaml, line 1, key 'count': 'many' is not a whole number"
        "count: 2.5";             "my.yaml, line 1, key 'count': '2.5' is not a whole number"
        "count: 99999999999";     "my.yaml, line 1, key 'count': Numeric value (99999999999) out of range of int (-2147483648 - 2147483647)"
        "count: [1]";             "my.yaml, line 1, key 'count': expected a whole number, but found a list"
        "inner: {rate: fast}";    "my.yaml, line 1, key 'inner.rate': 'fast' is not a number"
        "inner: 3";               "my.yaml, line 1, key 'inner': expected keys with values, indented below it, but found '3'"
        "inner: [3]";             "my.yaml, line 1, key 'inner': expected keys with values, indented below it, but found a list"
        "on: maybe";              "my.yaml, line 1, key 'on': 'maybe' is not true or false"
        "colour: blue";           "my.yaml, line 1, key 'colour': 'blue' is not one of [red, green]"
        "colour: gren";           "my.yaml, line 1, key 'colour': 'gren' is not one of [red, green]; did you mean 'green'?"
        "list: 3";                "my.yaml, line 1, key 'list': expected a list, such as [a, b], or lines below that begin with '- ', but found '3'"
        "list: [1,|two]";                "my.yaml, line 2, key 'list.1': 'two' is not a number"
        "name: [a]";              "my.yaml, line 1, key 'name': expected a text, but found a list"
        "map: {x: much}";         "my.yaml, line 1, key 'map.x': 'much' is not a number"
        "just words";             "my.yaml: expected keys with values, indented below it, but found 'just words'"
        "[1, 2]";                 "my.yaml: expected keys with values, indented below it, but found a list"
        """)
    void aWrongKindIsNamedWithTheKindThatIsExpected(String yaml, String message) {
        assertEquals(message, refused(yaml.replace("|", "\n  ")));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "name: x|count: 0";               "my.yaml, line 2: count must be at least 1, not 0"
        "inner:|  steps: 3|  rate: -1";   "my.yaml, line 3: inner.rate must be above 0, not -1.0"
        """)
    void aValueOutOfRangeIsNamedWithItsLine(String yaml, String message) {
        assertEquals(message, refused(yaml.replace('|', '\n')));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "count: 2|---|name: x";              2
        "---|count: 2||---||# x||name: x";   4
        "count: 2|---|";                     2
        """)
    void aSecondDocumentIsRefused(String yaml, int line) {
        assertEquals(
                "my.yaml, line " + line + ": a second document begins here; one file is one document, so leave the line"
                        + " --- out",
                refused(yaml.replace('|', '\n')));
    }

    @Test
    void aKeyTwiceIsRefused() {
        String message = refused("count: 2\nname: x\ncount: 3\n");
        assertTrue(message.startsWith("my.yaml, line 3: this is not valid YAML (Duplicate"), message);
        assertTrue(message.contains("count"), message);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "count: 2|  name: x";         2; mapping values are not allowed here
        "count: 2|name: 'x|on: true"; 4; found unexpected end of stream
        "inner: {rate: 1";            2; "expected ',' or '}'"
        "count: 1|\tname: x";         2; TAB
        """)
    void whatIsNoYamlIsRefusedWithItsLine(String yaml, int line, String why) {
        String message = refused(yaml.replace('|', '\n') + "\n");
        assertTrue(message.startsWith("my.yaml, line " + line + ": this is not valid YAML ("), message);
        assertTrue(message.contains(why), message);
        assertTrue(message.endsWith("check indentation (by spaces, not tabs), quotes and doubled keys"), message);
    }

    @Test
    void filesAreNamed(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("missing.yaml");
        assertEquals(
                "there is no file " + missing + "; check the path",
                assertThrows(FieldfareException.class, () -> StrictYaml.read(missing, DEFAULT))
                        .getMessage());
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "name: größer".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(
                latin + " is not a text file in UTF-8, as YAML must be",
                assertThrows(FieldfareException.class, () -> StrictYaml.read(latin, DEFAULT))
                        .getMessage());
        Path good = folder.resolve("good.yaml");
        Files.writeString(good, "name: größer");
        assertEquals("größer", StrictYaml.read(good, DEFAULT).name());
    }

    @Test
    void optionsOverride() {
        assertEquals(DEFAULT, StrictYaml.override(DEFAULT, Map.of(), "the options"));
        Outer changed = StrictYaml.override(DEFAULT, Map.of("inner", Map.of("steps", 3)), "the options");
        assertEquals(new Inner(0.5, 3), changed.inner());
        String message = assertThrows(
                        FieldfareException.class,
                        () -> StrictYaml.override(DEFAULT, Map.of("count", -4), "the options"))
                .getMessage();
        assertEquals("the options: count must be at least 1, not -4", message);
    }

    @Test
    void toMapAndBack() {
        Map<String, Object> map = StrictYaml.toMap(DEFAULT);
        assertEquals(
                List.of("count", "name", "colour", "on", "inner", "list", "map", "maybe"), List.copyOf(map.keySet()));
        assertEquals(Map.of("rate", 0.5, "steps", 10), map.get("inner"));
    }

    /** Long keys above many entries: each entry's path would have all of them. */
    @Test
    void aTextOfManyLongPathsTakesLittleMemory() {
        StringBuilder text = new StringBuilder();
        for (int depth = 0; depth < 8; depth++) {
            text.append(" ".repeat(depth)).append("k".repeat(60_000)).append(":\n");
        }
        text.append(" ".repeat(8)).append("[").append("0,".repeat(200_000)).append("0]\n");
        // 200,000 times 480,000 characters do not fit into any heap of a test.
        FieldfareException refused = assertThrows(
                FieldfareException.class, () -> StrictYaml.parse(text.toString(), CardDocument.EMPTY, "the card"));
        assertTrue(refused.getMessage().length() <= 4000);
    }

    @Test
    void aTextBeyondAllReasonIsRefused(@TempDir Path folder) throws IOException {
        String text = "# " + "x".repeat(StrictYaml.LONGEST);
        assertThrows(FieldfareException.class, () -> StrictYaml.parse(text, CardDocument.EMPTY, "the card"));
        Path file = Files.writeString(folder.resolve("card.yaml"), text);
        for (Path endless : new Path[] {file, Path.of("/dev/zero")}) {
            String message = assertThrows(FieldfareException.class, () -> StrictYaml.read(endless, CardDocument.EMPTY))
                    .getMessage();
            assertTrue(message.contains("is it the right file?") && message.contains(endless.toString()), message);
        }
    }

    /** "Billion laughs": each name stands for ten of the one before. Names of nodes are no copies of them here. */
    @Test
    void aliasesAreNotUnfolded() {
        StringBuilder text = new StringBuilder("provenance:\n  a: &a [x]\n");
        for (char name = 'b'; name <= 'k'; name++) {
            text.append("  " + name + ": &" + name + " [" + ("*" + (char) (name - 1) + ",").repeat(9) + "x]\n");
        }
        CardDocument card = StrictYaml.parse(text.toString(), CardDocument.EMPTY, "the card");
        assertTrue(String.valueOf(card.provenance()).length() < 1000, () -> String.valueOf(card.provenance()));
    }
}
