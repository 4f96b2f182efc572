package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.board.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Systems made of files. {@link MemoryLimitKernelTest} has a kernel. */
class MemoryLimitTest {
    private static final long MEGABYTE = 1 << 20;
    private static final String UNIT = "sys/fs/cgroup/system.slice/fieldfare.service/";

    @TempDir
    Path root;

    private final List<String> log = new ArrayList<>();

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String text(String path) throws IOException {
        return Files.readString(root.resolve(path));
    }

    /** A service to which systemd has given its group. */
    @BeforeEach
    void given() throws IOException {
        file("proc/self/cgroup", "0::/system.slice/fieldfare.service\n");
        file("proc/self/mountinfo", "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
        file("proc/meminfo", "MemTotal:         425984 kB\n");
        file("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
        file(UNIT + "cgroup.controllers", "cpu memory pids\n");
        file(UNIT + "cgroup.procs", ProcessHandle.current().pid() + "\n");
        file(UNIT + "cgroup.subtree_control", "");
    }

    private Finding finding() {
        return new MemoryLimits(root).finding();
    }

    @Test
    void theGroupIsDividedOnlyWhenItIsUsed() throws IOException {
        assertEquals(Finding.Status.OK, finding().status());
        assertEquals("", text(UNIT + "cgroup.subtree_control"));
        MemoryLimit limit = new MemoryLimits(root).open(log::add);
        assertEquals(List.of(), log);
        assertEquals("+memory", text(UNIT + "cgroup.subtree_control"));
        assertEquals(Long.toString(ProcessHandle.current().pid()), text(UNIT + "device/cgroup.procs"));
        assertEquals(Optional.of(false), limit.wasReached());
    }

    /** The child goes into the group by itself, before it becomes the program, and stays the same process. */
    @Test
    void theChildIsInTheGroupBeforeItIsAnything() throws Exception {
        MemoryLimit limit = new MemoryLimits(root).open(log::add);
        List<String> command =
                limit.command(List.of("/bin/sh", "-c", "echo \"$$ $1\"", "sh", "two  words $x"), 224 * MEGABYTE);
        assertEquals(Long.toString(224 * MEGABYTE), text(UNIT + "training/memory.max"));
        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, child.waitFor(), said);
        assertEquals(child.pid() + " two  words $x", said);
        assertEquals(
                Long.toString(child.pid()), text(UNIT + "training/cgroup.procs").strip());
        file(UNIT + "training/memory.events", "max 12\noom 1\noom_kill 1\n");
        assertEquals(Optional.of(true), limit.wasReached());
        limit.command(List.of("true"), 224 * MEGABYTE);
        assertEquals(Optional.of(false), limit.wasReached(), "that was the one before");
    }

    @Test
    void aDoorThatIsShutEndsTheChild() throws Exception {
        MemoryLimit limit = new MemoryLimits(root).open(log::add);
        List<String> command = limit.command(List.of("echo", "here"), MEGABYTE);
        Files.createDirectory(root.resolve(UNIT + "training/cgroup.procs"));
        Process child = new ProcessBuilder(command).start();
        assertEquals("", new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertTrue(child.waitFor() != 0);
    }

    private void requireNone(String reason, String advice) {
        Finding finding = finding();
        assertEquals(Finding.Status.WARN, finding.status());
        assertTrue(finding.found().contains(reason), finding.found());
        assertTrue(finding.advice().contains(advice), finding.advice());
        assertSame(MemoryLimit.NONE, new MemoryLimits(root).open(log::add));
        assertEquals(1, log.size());
        assertTrue(log.getFirst().contains(reason) && log.getFirst().contains(advice), log.toString());
    }

    @Test
    void aPiAsItIsDeliveredIsToldWhatToAppend() throws IOException {
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io pids\n");
        requireNone("switched off", "append cgroup_enable=memory");
    }

    @Test
    void aGroupThatOthersLiveInIsLeftAlone() throws IOException {
        file(UNIT + "cgroup.procs", "1\n" + ProcessHandle.current().pid() + "\n");
        requireNone("may not divide", "Delegate=memory");
        assertEquals("", text(UNIT + "cgroup.subtree_control"));
    }

    @Test
    void aSystemWithoutGroupsIsSaidToBeOne() throws IOException {
        file("proc/self/cgroup", "4:memory:/a\n");
        requireNone("no control groups of version 2", "Raspberry Pi OS 12");
    }

    @Test
    void theLimitLeavesRoomAboveTheBudget() {
        assertEquals((192 + 24 + 32) * MEGABYTE, MemoryLimit.bytes(192 * MEGABYTE, root));
        assertEquals(312 * MEGABYTE, MemoryLimit.bytes(0, root), "three quarters of 416 MiB");
        assertEquals(0, MemoryLimit.bytes(0, root.resolve("nowhere")));
    }

    @Test
    void systemdIsAskedForAScope() {
        assertEquals(
                List.of(
                        "systemd-run",
                        "--user",
                        "--scope",
                        "--quiet",
                        "--collect",
                        "-p",
                        "MemoryMax=1048576",
                        "-p",
                        "MemorySwapMax=0",
                        "--",
                        "nice",
                        "java"),
                new MemoryLimit.Scope("--user").command(List.of("nice", "java"), MEGABYTE));
    }
}
