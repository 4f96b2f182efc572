package dev.fieldfare.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hierarchy made of files, as Linux 6.12 under systemd shows it to a unit with {@code Delegate=yes}. */
class ControlGroupTest {
    private static final String UNIT = "sys/fs/cgroup/system.slice/fieldfare.service/";

    @TempDir
    Path root;

    private Path file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private String text(String path) throws IOException {
        return Files.readString(root.resolve(path));
    }

    @BeforeEach
    void unit() throws IOException {
        file("proc/self/cgroup", "0::/system.slice/fieldfare.service\n");
        file("proc/self/mountinfo", """
            22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
            31 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate
            """);
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        file(UNIT + "cgroup.controllers", "cpu memory pids\n");
        file(UNIT + "cgroup.procs", "412\n437\n");
        file(UNIT + "cgroup.subtree_control", "");
    }

    @Test
    void theOwnGroupIsFoundBelowTheMount() {
        ControlGroup own = ControlGroup.own(root).orElseThrow();
        assertEquals(root.resolve("sys/fs/cgroup/system.slice/fieldfare.service"), own.folder());
        assertEquals(List.of(412L, 437L), own.processes());
        assertTrue(own.hasMemory());
        assertTrue(own.isGiven());
        assertTrue(ControlGroup.top(root).orElseThrow().hasMemory());
    }

    /** Where both versions are at work, the memory is version 1's. */
    @Test
    void groupsOfVersion1AreNone() throws IOException {
        file("proc/self/cgroup", "9:name=systemd:/\n4:memory:/a\n0::/\n");
        file("sys/fs/cgroup/cgroup.controllers", "");
        assertFalse(ControlGroup.own(root).orElseThrow().hasMemory());
        file("proc/self/cgroup", "9:name=systemd:/\n4:memory:/a\n");
        assertEquals(Optional.empty(), ControlGroup.own(root));
        file("proc/self/mountinfo", "22 28 0:21 / /proc rw - proc proc rw\n");
        assertEquals(Optional.empty(), ControlGroup.top(root));
    }

    /** A process outside of a container's part of the hierarchy. */
    @Test
    void whatLiesOutsideOfTheMountIsNotFound() throws IOException {
        file("proc/self/cgroup", "0::/../other\n");
        assertEquals(Optional.empty(), ControlGroup.own(root));
    }

    @Test
    void aPartOfItHasALimit() throws IOException {
        ControlGroup own = ControlGroup.own(root).orElseThrow();
        own.shareMemory();
        assertEquals("+memory", text(UNIT + "cgroup.subtree_control"));
        ControlGroup part = own.child("training");
        part.take(438);
        assertEquals("438", text(UNIT + "training/cgroup.procs"));
        part.limitMemory(100 << 20);
        assertEquals("104857600", text(UNIT + "training/memory.max"));
        assertFalse(Files.exists(root.resolve(UNIT + "training/memory.swap.max")), "this kernel has no swap");
        file(UNIT + "training/memory.swap.max", "max\n");
        part.limitMemory(100 << 20);
        assertEquals("0", text(UNIT + "training/memory.swap.max"));
    }

    @Test
    void itTellsHowOftenMemoryRanOut() throws IOException {
        ControlGroup own = ControlGroup.own(root).orElseThrow();
        assertEquals(0, own.timesExhausted());
        file(UNIT + "memory.events", "low 0\nhigh 0\nmax 731\noom 2\noom_kill 1\noom_group_kill 0\n");
        assertEquals(2, own.timesExhausted());
    }

    @Test
    void aRefusalNamesTheFile() throws IOException {
        file(UNIT + "training", "no folder");
        ControlGroup own = ControlGroup.own(root).orElseThrow();
        FieldfareException refused = assertThrows(FieldfareException.class, () -> own.child("training"));
        assertTrue(refused.getMessage().contains("fieldfare.service/training"), refused.getMessage());
    }
}
