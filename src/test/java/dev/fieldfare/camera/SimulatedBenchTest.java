package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SimulatedBenchTest {
    private static final Light LIGHT = SimulatedBench.day().light();
    private static final Range SIZE = new Range(0.4, 0.6);
    private static final List<Part> PARTS = List.of(Part.NUT);
    private static final Set<Ground> GROUNDS = Set.of(Ground.WOOD);

    @Test
    void labelsAreNamesOfFolders() {
        assertEquals(
                List.of("washer", "nut", "screw", "spring", "cable-tie"),
                Stream.of(Part.values()).map(Part::label).toList());
    }

    @Test
    void benchesAreFoundByName() {
        assertEquals(SimulatedBench.day(), SimulatedBench.named("day"));
        assertEquals(SimulatedBench.evening(), SimulatedBench.named("evening"));
        assertEquals(SimulatedBench.anywhere(), SimulatedBench.named("anywhere"));
        String message = assertThrows(FieldfareException.class, () -> SimulatedBench.named("night"))
                .getMessage();
        assertEquals("there is no simulated bench 'night'; there are [anywhere, day, evening]", message);
    }

    @Test
    void settingsAreCopiedAndGroundsKeepOneOrder() {
        List<Part> parts = new ArrayList<>(PARTS);
        Set<Ground> grounds = EnumSet.of(Ground.RUBBER, Ground.WOOD);
        SimulatedBench bench = new SimulatedBench(64, 48, parts, grounds, LIGHT, SIZE, 0, 0, 0);
        parts.clear();
        grounds.clear();
        assertEquals(PARTS, bench.parts());
        assertEquals(List.of(Ground.WOOD, Ground.RUBBER), List.copyOf(bench.grounds()));
        SimulatedBench larger = bench.withFrame(320, 240);
        assertEquals(new SimulatedBench(320, 240, PARTS, bench.grounds(), LIGHT, SIZE, 0, 0, 0), larger);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                refused("width", () -> new SimulatedBench(15, 64, PARTS, GROUNDS, LIGHT, SIZE, 0, 0, 0)),
                refused("height", () -> new SimulatedBench(64, 4097, PARTS, GROUNDS, LIGHT, SIZE, 0, 0, 0)),
                refused(
                        "at least one part",
                        () -> new SimulatedBench(64, 64, List.of(), GROUNDS, LIGHT, SIZE, 0, 0, 0)),
                refused("one ground", () -> new SimulatedBench(64, 64, PARTS, Set.of(), LIGHT, SIZE, 0, 0, 0)),
                refused("smallest size", () -> bench(new Range(0, 0.5), 0, 0, 0)),
                refused("largest size", () -> bench(new Range(0.5, 1), 0, 0, 0)),
                refused("tilt", () -> bench(SIZE, 46, 0, 0)),
                refused("blur", () -> bench(SIZE, 0, -0.01, 0)),
                refused("noise", () -> bench(SIZE, 0, 0, 0.6)),
                refused("noise", () -> bench(SIZE, 0, 0, Double.NaN)),
                refused("kelvin", () -> light(new Range(1000, 3000), SIZE, SIZE, SIZE, SIZE)),
                refused("brightness", () -> light(new Range(3000, 3000), new Range(0, 1), SIZE, SIZE, SIZE)),
                refused("falloff", () -> light(new Range(3000, 3000), SIZE, new Range(-1, 1), SIZE, SIZE)),
                refused("direction", () -> light(new Range(3000, 3000), SIZE, SIZE, new Range(0, 400), SIZE)),
                refused("shadow", () -> light(new Range(3000, 3000), SIZE, SIZE, SIZE, new Range(0, 2))),
                refused("from 2.0 to 1.0", () -> new Range(2, 1)),
                refused("NaN", () -> new Range(Double.NaN, 1)));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrongSettingsAreRefusedByName(String named, Executable settings) {
        String message = assertThrows(FieldfareException.class, settings).getMessage();
        assertTrue(String.valueOf(message).contains(named), message);
    }

    private static Arguments refused(String named, Executable settings) {
        return Arguments.of(named, settings);
    }

    private static SimulatedBench bench(Range size, double tilt, double blur, double noise) {
        return new SimulatedBench(64, 64, PARTS, GROUNDS, LIGHT, size, tilt, blur, noise);
    }

    private static Light light(Range kelvin, Range brightness, Range falloff, Range direction, Range shadow) {
        return new Light(kelvin, brightness, falloff, direction, shadow);
    }
}
