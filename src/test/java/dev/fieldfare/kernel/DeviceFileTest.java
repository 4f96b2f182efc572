package dev.fieldfare.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DeviceFileTest {
    private static final StructType WORD = StructType.of("word", ValueLayout.JAVA_LONG.withName("value"));
    /** FIONREAD of asm-generic/ioctls.h, which every file that can be waited for knows. */
    private static final Ioctl BYTES_TO_READ = new Ioctl("FIONREAD", 0x541B);

    @Test
    void pollfdIsLaidOutAsCSays(@TempDir Path folder) throws Exception {
        CHeader.assertAgrees("poll.h", List.of(SystemCalls.POLLFD), List.of(), folder);
    }

    @Test
    void refusalsCarryTheReason(@TempDir Path folder) throws Exception {
        KernelException missing = assertThrows(KernelException.class, () -> DeviceFile.open(folder.resolve("video9")));
        assertEquals(Errno.ENOENT, missing.errno());
        assertEquals("open " + folder.resolve("video9") + ": no such file (errno 2)", missing.getMessage());
        Path file = Files.writeString(folder.resolve("file"), "12345678");
        try (DeviceFile opened = DeviceFile.open(file);
                Arena arena = Arena.ofConfined()) {
            Ioctl unknown = Ioctl.readWrite("VIDIOC_UNKNOWN", 'V', 99, WORD);
            assertEquals(
                    Errno.ENOTTY,
                    assertThrows(KernelException.class, () -> opened.ask(unknown, WORD.allocate(arena)))
                            .errno());
        }
    }

    @Test
    void readsMapsAndAsks(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "12345678");
        try (DeviceFile opened = DeviceFile.open(file);
                Arena arena = Arena.ofConfined()) {
            Struct word = WORD.allocate(arena);
            opened.ask(BYTES_TO_READ, word);
            assertEquals(8, word.get("value"));
            assertTrue(opened.read(word));
            assertEquals(0x3837363534333231L, word.getLong("value"));
            assertFalse(opened.read(word)); // the end
            byte[] copy = new byte[4];
            try (DeviceFile.Mapping mapping = opened.map(8, 0)) {
                mapping.copy(4, copy);
            }
            assertEquals("1234", new String(copy, java.nio.charset.StandardCharsets.US_ASCII));
            opened.close();
            assertThrows(IllegalStateException.class, () -> opened.read(word));
        }
    }

    /** A terminal's other end is silent until something is written. */
    @Test
    void aWaitEndsByTimeOrByAlarm() throws Exception {
        try (DeviceFile silent = DeviceFile.open(Path.of("/dev/ptmx"));
                DeviceFile.Alarm alarm = new DeviceFile.Alarm()) {
            assertEquals(DeviceFile.Wake.TIMEOUT, silent.await(alarm, Duration.ofMillis(1)));
            Thread ringer = Thread.ofVirtual().start(() -> {
                try {
                    alarm.ring();
                } catch (KernelException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertEquals(DeviceFile.Wake.ALARM, silent.await(alarm, Duration.ofMinutes(1)));
            ringer.join();
        }
    }

    @Test
    void whoHoldsAFileIsFound(@TempDir Path folder) throws Exception {
        Path file = Files.createFile(folder.resolve("device"));
        assertEquals("", Holders.of(file));
        Process holder =
                new ProcessBuilder("sleep", "100").redirectInput(file.toFile()).start();
        try {
            assertEquals(" (sleep, process " + holder.pid() + ")", Holders.of(file));
        } finally {
            holder.destroy();
        }
    }
}
