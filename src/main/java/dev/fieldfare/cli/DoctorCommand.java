package dev.fieldfare.cli;

import dev.fieldfare.board.Checkup;
import dev.fieldfare.board.Finding;
import dev.fieldfare.service.MemoryLimits;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "doctor",
        description = "Looks this machine over: what Fieldfare needs, what will not go well, what to do about it.")
final class DoctorCommand implements Callable<Integer> {
    private static final int JAVA = 25;

    @ParentCommand
    Main main = new Main();

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "The data folder whose disk is looked at. Default: this folder.")
    Path data = Path.of("");

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Console console = main.console(json);
        List<Finding> findings = findings();
        if (json) {
            console.json(Map.of("checks", findings));
        } else {
            findings.forEach(finding -> show(finding, console));
        }
        return findings.stream().anyMatch(finding -> finding.status() == Finding.Status.FAIL) ? 1 : 0;
    }

    private static void show(Finding finding, Console console) {
        console.print(String.format(Locale.ROOT, "%-4s  %-10s  %s", finding.status(), finding.name(), finding.found()));
        if (!finding.advice().isEmpty()) {
            console.print(" ".repeat(18) + "-> " + finding.advice());
        }
    }

    private List<Finding> findings() throws InterruptedException {
        Checkup checkup = new Checkup(Path.of("/"), System.getProperty("os.arch", "unknown"));
        List<Finding> all = new ArrayList<>(checkup.findings());
        all.add(1, java());
        all.add(2, EngineCheck.run());
        all.add(new MemoryLimits(Path.of("/")).finding());
        all.add(checkup.cameras(Stream.of("rpicam-vid", "libcamera-vid")
                .filter(DoctorCommand::isOnPath)
                .toList()));
        all.add(
                isOnPath("ffmpeg")
                        ? Finding.ok("ffmpeg", "installed")
                        : Finding.ok("ffmpeg", "not installed; only network cameras and videos need it"));
        all.add(disk());
        all.add(checkup.clock(LocalDate.now().getYear()));
        return all;
    }

    private static Finding java() {
        Runtime.Version version = Runtime.version();
        return version.feature() >= JAVA
                ? Finding.ok("java", version.toString())
                : Finding.fail("java", version.toString(), "sudo apt install openjdk-" + JAVA + "-jdk-headless");
    }

    private Finding disk() {
        Path folder = data.toAbsolutePath();
        // It may be that the device has not run yet.
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        try {
            return Checkup.disk(Files.getFileStore(folder).getUsableSpace(), folder);
        } catch (IOException e) {
            return Finding.fail("disk", folder + " cannot be used: " + e.getMessage(), "check the path and its rights");
        }
    }

    private static boolean isOnPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(path.split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
