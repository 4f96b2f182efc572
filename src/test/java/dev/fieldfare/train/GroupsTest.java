package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 11, 22, 12, 0);

    /** Hashes that are far from each other: 21 bits and more. */
    private static final long[] FAR = {0L, 0x1FFFFFL, 0x3FFFFE00000L, 0x7FFFFC0000000000L, 0x5555555555555555L};

    private static Groups.Trace trace(String name, int secondsAfterNoon, long hash) {
        return new Groups.Trace(
                name, secondsAfterNoon < 0 ? Optional.empty() : Optional.of(NOON.plusSeconds(secondsAfterNoon)), hash);
    }

    @Test
    void picturesOfWhichNothingIsKnownStandAlone() {
        Groups groups =
                Groups.of(List.of(trace("a.jpg", -1, FAR[0]), trace("b.jpg", -1, FAR[1]), trace("c.jpg", -1, FAR[2])));
        assertEquals(new Groups(List.of(List.of(0), List.of(1), List.of(2)), 0, 0), groups);
        assertEquals(groups, Groups.single(3));
    }

    /** A session goes on while the next picture comes within twenty seconds, in whatever order the files lie. */
    @Test
    void sessionsAreChainsInTime() {
        Groups groups = Groups.of(List.of(
                trace("late.jpg", 100, FAR[0]),
                trace("first.jpg", 0, FAR[1]),
                trace("third.jpg", 40, FAR[2]),
                trace("second.jpg", 20, FAR[3]),
                trace("after a pause.jpg", 61, FAR[4])));
        assertEquals(List.of(List.of(0), List.of(1, 2, 3), List.of(4)), groups.members());
        assertEquals(1, groups.sessions());
        assertEquals(0, groups.nearDuplicates());
    }

    @Test
    void burstsAreKnownByTheirNames() {
        Groups groups = Groups.of(List.of(
                trace("20261122-101530_0001.jpg", -1, FAR[0]),
                trace("20261122-101531_0001.jpg", -1, FAR[1]),
                trace("20261122-101530_0002.jpg", -1, FAR[2]),
                trace("20261122_101531-x.png", -1, FAR[3]),
                trace("20261122-101530.jpg", -1, FAR[4])));
        assertEquals(List.of(List.of(0, 2), List.of(1), List.of(3), List.of(4)), groups.members());
        assertEquals(1, groups.sessions());
    }

    /** Two bits are nearly the same, three are not; and what is nearly the same as a neighbour joins its chain. */
    @Test
    void nearDuplicatesAreJoined() {
        Groups groups = Groups.of(List.of(
                trace("a.jpg", -1, 0b0),
                trace("b.jpg", -1, 0b11),
                trace("c.jpg", -1, 0b1111),
                trace("d.jpg", -1, 0b1111111),
                trace("e.jpg", -1, FAR[4])));
        assertEquals(List.of(List.of(0, 1, 2), List.of(3), List.of(4)), groups.members());
        assertEquals(0, groups.sessions());
        assertEquals(3, groups.nearDuplicates());
    }

    /** Session one holds a picture that looks like one of session two: all of both stay together. */
    @Test
    void aNearDuplicateJoinsTwoSessions() {
        Groups groups = Groups.of(List.of(
                trace("a.jpg", 0, FAR[0]),
                trace("b.jpg", 5, FAR[1]),
                trace("c.jpg", 1000, FAR[1] ^ 1),
                trace("d.jpg", 1010, FAR[2]),
                trace("e.jpg", 5000, FAR[3])));
        assertEquals(List.of(List.of(0, 1, 2, 3), List.of(4)), groups.members());
        assertEquals(2, groups.sessions());
        assertEquals(2, groups.nearDuplicates());
    }

    @Test
    void everyPictureIsInExactlyOneGroup() {
        List<Groups.Trace> traces = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            traces.add(trace("p" + i + ".jpg", i % 3 == 0 ? i * 7 : -1, (long) i * 0x9E3779B97F4A7C15L));
        }
        List<Integer> all = Groups.of(traces).members().stream()
                .flatMap(List::stream)
                .sorted()
                .toList();
        assertEquals(java.util.stream.IntStream.range(0, 200).boxed().toList(), all);
    }
}
