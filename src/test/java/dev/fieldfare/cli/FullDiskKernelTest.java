package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.SimulatedPictures;
import dev.fieldfare.TestModels;
import dev.fieldfare.model.Versions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real program on a real disk that is full, or can only be read; skipped where a test may not mount one. */
@Timeout(300)
class FullDiskKernelTest {
    @TempDir
    Path home;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private boolean mounted;

    private static int system(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // there is no such program
        }
    }

    private Path disk() {
        return home.resolve("disk");
    }

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        TestModels.shippedFile();
        Files.createDirectories(disk());
        mounted = system("mount", "-t", "tmpfs", "-o", "size=16m", "none", disk().toString()) == 0;
        Assumptions.assumeTrue(mounted, "this test may not mount a disk; it needs root");
        SimulatedPictures.write(home.resolve("pictures"), 8);
    }

    private void remount(String options) throws IOException, InterruptedException {
        assertEquals(0, system("mount", "-o", "remount," + options, disk().toString()));
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mounted) {
            assertEquals(0, system("umount", "-l", disk().toString()));
        }
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private List<String> retraining() {
        return List.of(
                "retrain",
                "-m",
                TestModels.shippedFile().toString(),
                "-d",
                home.resolve("pictures").toString(),
                "-o",
                disk().resolve("models").toString(),
                "--train",
                "last",
                "--epochs",
                "3",
                "--threads",
                "1",
                "--seed",
                "4");
    }

    private int retrain() {
        return run(retraining().toArray(String[]::new));
    }

    /** In a process of its own: as long as one has deleted files mapped, its disk cannot be made read-only. */
    private void retrainApart() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(retraining());
        assertEquals(0, system(command.toArray(String[]::new)));
    }

    /** Whatever room is left, a retraining succeeds or says that the disk is full; the model in use is whole. */
    @Test
    void aRetrainingOnAFullDisk() throws Exception {
        assertEquals(0, retrain(), err::toString);
        Versions versions = new Versions(disk().resolve("models"));
        byte[] first = Files.readAllBytes(versions.model());
        Path ballast = disk().resolve("ballast");
        long free = disk().toFile().getUsableSpace();
        for (int megabytes : List.of(0, 1, 2, 3, 4)) {
            Files.write(ballast, new byte[Math.toIntExact(free - (megabytes << 20))]);
            int status = retrain();
            if (status != 0) {
                assertTrue(err.toString().contains("No space left on device"), err.toString());
                assertFalse(err.toString().contains("mistake in Fieldfare"), err.toString());
                assertFalse(Files.exists(disk().resolve("models/versions/.training")), "what it kept makes room");
            }
            Files.delete(ballast);
            assertEquals(versions.model(), versions.usable().orElseThrow().file());
            assertEquals(versions.current(), Optional.of("0001"), "the same pictures give nothing better");
            assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(versions.model())));
        }
        assertEquals(0, retrain(), err::toString);
    }

    @Test
    void aRetrainingOnADiskThatCanOnlyBeRead() throws Exception {
        retrainApart();
        remount("ro");
        assertEquals(1, retrain());
        assertTrue(err.toString().contains("Read-only file system"), err.toString());
        assertEquals(0, run("models", "list", disk().resolve("models").toString()), err::toString);
        assertTrue(out.toString().startsWith("* 0001"), out.toString());
        assertEquals(
                0,
                run(
                        "classify",
                        "-m",
                        disk().resolve("models").toString(),
                        home.resolve("pictures/nut/1.png").toString()));
    }

    /** A device on a worn card looks on. */
    @Test
    void aDeviceOnADiskThatCanOnlyBeRead() throws Exception {
        Files.createDirectories(disk().resolve("data"));
        Files.writeString(home.resolve("device.yaml"), """
            data: disk/data
            cameras: {bench: {source: "PICTURES", settle: 0s}}
            classifiers: {parts: {model: MODEL, average: none, decision: {confidence: 0, keep: 0, frames: 1, of: 1}}}
            """.replace(
                        "PICTURES", home.resolve("pictures/nut").toString())
                .replace("MODEL", TestModels.shippedFile().toAbsolutePath().toString()));
        remount("ro");
        assertEquals(0, run("run", "-c", home.resolve("device.yaml").toString(), "--json"), err::toString);
        assertTrue(err.toString().contains("cannot be written to: nothing will be kept or learnt"), err.toString());
        assertTrue(out.toString().contains("\"event\":\"decided\""), out.toString());
    }
}
