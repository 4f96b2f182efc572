package dev.fieldfare.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
    /** 64 MiB that were written to are resident, and the peak never falls. */
    @Test
    void countsWhatThisProcessTouches() {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "not on Linux");
        long before = ProcessMemory.resident().orElseThrow();
        byte[] block = new byte[64 << 20];
        for (int i = 0; i < block.length; i += 1024) {
            block[i] = 1;
        }
        long peak = ProcessMemory.peak().orElseThrow();
        assertTrue(before > 16 << 20, "a JVM takes more than 16 MiB: " + before);
        assertTrue(peak >= before && peak >= block.length, peak + " after " + before);
        assertEquals(1, block[1024]);
        assertTrue(ProcessMemory.peak().orElseThrow() >= peak);
    }
}
