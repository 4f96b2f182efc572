package dev.fieldfare.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Sequences worked out by hand by the rules of the arena. */
class ArenaModelTest {
    private static final long KIB = 1024;
    private static final long PAGE = 4 * KIB;

    /** What a region of 1 MiB costs by itself: eight bytes for each 256. */
    private static final long TABLE = 32 * KIB;

    private final ArenaModel arena = new ArenaModel();

    @Test
    void onlyWhatIsWrittenToCounts() {
        arena.take(10 * PAGE + 1);
        assertEquals(TABLE + 11 * PAGE, arena.touched(), "not the whole region of 1 MiB");
    }

    @Test
    void aFreeChunkIsUsedAgain() {
        ArenaModel.Chunk first = arena.take(100 * KIB);
        arena.give(first);
        arena.take(100 * KIB);
        assertEquals(TABLE + 100 * KIB, arena.touched());
    }

    /** Less than twice too large, it is handed out whole, so that the next must lie behind it. */
    @Test
    void aChunkThatIsNotMuchTooLargeIsNotCut() {
        ArenaModel.Chunk large = arena.take(100 * KIB);
        ArenaModel.Chunk barrier = arena.take(PAGE);
        arena.give(large);
        arena.take(60 * KIB);
        arena.take(40 * KIB);
        assertEquals(TABLE + (100 + 4 + 40) * KIB, arena.touched());
        arena.give(barrier);
    }

    @Test
    void aChunkThatIsTwiceTooLargeIsCut() {
        ArenaModel.Chunk large = arena.take(100 * KIB);
        arena.take(PAGE);
        arena.give(large);
        arena.take(48 * KIB);
        arena.take(48 * KIB);
        assertEquals(TABLE + (100 + 4) * KIB, arena.touched());
    }

    /** Two neighbours that are free make room for one that neither could hold. */
    @Test
    void freeNeighboursBecomeOne() {
        ArenaModel.Chunk first = arena.take(48 * KIB);
        ArenaModel.Chunk second = arena.take(48 * KIB);
        arena.take(PAGE);
        arena.give(second);
        arena.give(first);
        arena.take(96 * KIB);
        assertEquals(TABLE + (96 + 4) * KIB, arena.touched());
    }

    /** What no region holds comes into a new one, a power of two; the hole in the first stays. */
    @Test
    void aRegionIsNeverGivenBack() {
        ArenaModel.Chunk small = arena.take(600 * KIB);
        arena.give(small);
        arena.take(3 * 1024 * KIB);
        assertEquals(5 * TABLE + (600 + 3 * 1024) * KIB, arena.touched());
    }
}
