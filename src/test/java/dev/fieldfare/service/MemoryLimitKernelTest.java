package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.board.ControlGroup;
import dev.fieldfare.board.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Against the kernel: a child that wants more than its limit is killed, and this process is not. {@code tools/pi-in-a-box
 * check} runs this as the only program in a control group, as systemd starts a service.
 */
class MemoryLimitKernelTest {
    private static final Path ROOT = Path.of("/");
    private static final long LIMIT = 96 << 20;

    private static MemoryLimit limit = MemoryLimit.NONE;

    @BeforeAll
    static void open() {
        Finding finding = new MemoryLimits(ROOT).finding();
        Assumptions.assumeTrue(finding.status() == Finding.Status.OK, finding.found());
        limit = new MemoryLimits(ROOT).open(sentence -> Assumptions.abort("it does not work: " + sentence));
    }

    /** Touches all of a heap of this size, and ends. */
    private static TrainingProcess start(String heap) {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return TrainingProcess.start(
                List.of(java, "-Xms" + heap, "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch", "-version"),
                limit,
                LIMIT);
    }

    private static void awaitEnd(TrainingProcess process) throws InterruptedException {
        assertTrue(process.hasEnded(Duration.ofSeconds(50)));
    }

    @Test
    void whoKeepsToItIsLeftAlone() throws InterruptedException {
        try (TrainingProcess process = start("8m")) {
            awaitEnd(process);
            assertTrue(process.hasSucceeded(), process.lastWords());
        }
        assertFalse(limit.wasReached().orElse(false));
    }

    @Test
    void whoWantsMoreIsKilled() throws InterruptedException {
        try (TrainingProcess process = start("200m")) {
            awaitEnd(process);
            assertTrue(process.wasKilled(), process.lastWords());
        }
        assertTrue(limit.wasReached().orElse(true));
    }

    @Test
    void theLimitHoldsBeforeTheChildIsAProgram() throws InterruptedException, IOException {
        Assumptions.assumeTrue(
                limit instanceof MemoryLimit.Group, "a scope has no group that could be read afterwards");
        Path own = ControlGroup.own(ROOT).orElseThrow().folder();
        assertEquals("device", String.valueOf(own.getFileName()), "this process lives in a part of its own");
        try (TrainingProcess process =
                TrainingProcess.start(List.of("/bin/sh", "-c", "cat /proc/self/cgroup"), limit, LIMIT)) {
            awaitEnd(process);
            assertTrue(process.result().strip().endsWith("/training"), process.result());
        }
        assertEquals(
                Long.toString(LIMIT),
                Files.readString(own.resolveSibling("training/memory.max")).strip());
        assertEquals(Optional.of(false), limit.wasReached());
    }
}
