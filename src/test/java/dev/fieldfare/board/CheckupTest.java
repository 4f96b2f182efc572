package dev.fieldfare.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.board.Finding.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines made of files, as the kernels of such machines write them. */
class CheckupTest {
    private static final String THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled";
    private static final String GROUPS = "root:x:0:\nvideo:x:44:pi\ngpio:x:993:pi\npi:x:1000:\n";

    @TempDir
    Path root;

    private void file(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A Raspberry Pi Zero 2 W in good health. */
    @BeforeEach
    void zero2() {
        file("proc/device-tree/model", "Raspberry Pi Zero 2 W Rev 1.0\0");
        file(
                "proc/cpuinfo",
                "processor\t: 0\nBogoMIPS\t: 38.40\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU architecture: 8\n");
        file("proc/meminfo", meminfo(426, 280, 425));
        file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 435196 0 100\n");
        file("sys/class/thermal/thermal_zone0/temp", "48312\n");
        file(THROTTLED, "0\n");
        file(
                "proc/self/status",
                "Name:\tjava\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t44 993 \n");
        file("etc/group", GROUPS);
    }

    private static String meminfo(long total, long available, long swap) {
        return "MemTotal:       %d kB\nMemFree:  5000 kB\nMemAvailable: %d kB\nSwapTotal: %d kB\n"
                .formatted(total * 1024, available * 1024, swap * 1024);
    }

    private Map<String, Finding> findings(String architecture) {
        return new Checkup(root, architecture)
                .findings().stream().collect(Collectors.toMap(Finding::name, finding -> finding));
    }

    @Test
    void healthyBoardHasNothingToComplainOf() {
        Map<String, Finding> found = findings("aarch64");
        assertEquals(
                List.of(),
                found.values().stream().filter(f -> f.status() != Status.OK).toList());
        assertEquals(
                "Raspberry Pi Zero 2 W Rev 1.0, aarch64", found.get("system").found());
        assertEquals(
                "426 MB, 280 MB of them available, 425 MB swap (zram)",
                found.get("memory").found());
        assertEquals("48 degrees Celsius", found.get("heat").found());
        assertTrue(
                found.get("processor").found().contains("no asimddp"),
                found.get("processor").found());
        assertEquals(6, found.size());
    }

    private static Stream<Arguments> troubles() {
        return Stream.of(
                Arguments.of("proc/meminfo", meminfo(240, 200, 100), "memory", Status.FAIL, "240 MB"),
                Arguments.of("proc/meminfo", meminfo(426, 100, 100), "memory", Status.WARN, "100 MB of them available"),
                Arguments.of("proc/meminfo", meminfo(426, 300, 0), "memory", Status.WARN, "no swap"),
                Arguments.of("proc/meminfo", meminfo(8000, 300, 0), "memory", Status.OK, "no swap"),
                Arguments.of("sys/class/thermal/thermal_zone1/temp", "84000", "heat", Status.WARN, "84"),
                Arguments.of("sys/class/thermal/thermal_zone1/temp", "71500", "heat", Status.WARN, "72"),
                Arguments.of(THROTTLED, "50005", "throttling", Status.WARN, "too little now"),
                Arguments.of(THROTTLED, "0x50000", "throttling", Status.WARN, "gave too little at times"),
                Arguments.of(THROTTLED, "e0008", "throttling", Status.WARN, "slowed down now"),
                Arguments.of(THROTTLED, "60000", "throttling", Status.WARN, "was slowed down"),
                Arguments.of(
                        "proc/self/status",
                        "Uid:\t1000\nGid:\t1000\nGroups:\t993\n",
                        "groups",
                        Status.WARN,
                        "not in video"),
                Arguments.of(
                        "proc/self/status", "Uid:\t1000\nGroups:\n", "groups", Status.WARN, "not in gpio and video"),
                Arguments.of("etc/group", "root:x:0:\n", "groups", Status.OK, ""),
                Arguments.of("proc/cpuinfo", "Features : fp vfpv4\n", "processor", Status.FAIL, "no asimd"),
                Arguments.of("proc/cpuinfo", "Features : asimd asimddp\n", "processor", Status.OK, "asimd asimddp"));
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void isSeen(String file, String text, String name, Status status, String words) {
        file(file, text);
        Finding finding = findings("aarch64").get(name);
        assertEquals(status, finding.status(), finding.toString());
        assertTrue(finding.found().contains(words), finding.toString());
        assertEquals(status == Status.OK, finding.advice().isEmpty(), finding.toString());
    }

    @Test
    void thirtyTwoBitsOnAProcessorThatCouldMore() {
        Finding finding = findings("arm").get("system");
        assertEquals(Status.FAIL, finding.status());
        assertTrue(finding.advice().contains("64-bit Raspberry Pi OS"), finding.advice());
        file("proc/cpuinfo", "CPU architecture: 7\n");
        assertTrue(findings("arm").get("system").advice().contains("is needed"));
    }

    @Test
    void cameras() {
        Checkup checkup = new Checkup(root, "aarch64");
        assertTrue(checkup.cameras(List.of()).advice().contains("rpicam-apps-lite"));
        assertEquals(Status.OK, checkup.cameras(List.of("rpicam-vid")).status());
        file("proc/device-tree/model", "Laptop");
        assertEquals(Status.WARN, checkup.cameras(List.of()).status());
        file("dev/video0", "");
        assertEquals(Finding.ok("camera", "1 video devices"), checkup.cameras(List.of()));
    }

    @Test
    void clock() throws IOException {
        Checkup checkup = new Checkup(root, "aarch64");
        assertEquals(Status.WARN, checkup.clock(1970).status());
        assertEquals(Status.OK, checkup.clock(2026).status());
        Files.createDirectories(root.resolve("run/systemd/timesync"));
        assertEquals(Status.WARN, checkup.clock(2026).status());
        file("run/systemd/timesync/synchronized", "");
        assertEquals(Status.OK, checkup.clock(2026).status());
    }

    @Test
    void disk() {
        assertEquals(Status.FAIL, Checkup.disk(50 << 20, root).status());
        assertEquals(Status.WARN, Checkup.disk(200 << 20, root).status());
        assertEquals(Status.OK, Checkup.disk(4L << 30, root).status());
    }

    /** The same on this machine, whatever it is. */
    @Test
    void realMachineIsRead() {
        List<Finding> found = new Checkup(Path.of("/"), System.getProperty("os.arch")).findings();
        assertTrue(found.stream().anyMatch(f -> f.name().equals("system")), found::toString);
    }
}
