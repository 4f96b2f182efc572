package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.camera.FrameOrigin;
import dev.fieldfare.camera.FrameSources;
import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.service.BoardHealth;
import dev.fieldfare.service.ConfigSchema;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.DeviceFolder;
import dev.fieldfare.service.LogLines;
import dev.fieldfare.service.MemoryLimits;
import dev.fieldfare.service.Service;
import dev.fieldfare.service.ServiceManager;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "run",
        description = "Runs a device: watches, decides, acts, collects pictures, learns, until it is told to stop.")
final class RunCommand implements Callable<Integer> {
    private static final long STATUS_SECONDS = 10;
    private static final Path ROOT = Path.of("/");

    @ParentCommand
    Main main = new Main();

    @Mixin
    DeviceOptions device = new DeviceOptions();

    @Option(names = "--check", description = "Check the configuration, and run nothing.")
    boolean check;

    @Option(
            names = "--schema",
            description = "Print the JSON Schema of configurations, for editors, and run nothing; needs no -c.")
    boolean schema;

    @Option(names = "--json", description = "Print what happens as JSON, one line an event, on standard output.")
    boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Console console = main.console(json);
        if (schema) {
            console.jsonText(ConfigSchema.json().stripTrailing());
            return 0;
        }
        DeviceConfig config = device.read();
        DeviceFolder folder = device.folder(config);
        Clock clock = Clock.systemDefaultZone();
        Function<CameraSettings, FrameOrigin> origins = origins(console);
        if (check) {
            Service.check(config, folder, origins, clock);
            console.print(device.file() + " is good: cameras "
                    + String.join(", ", config.cameras().keySet()) + "; classifiers "
                    + String.join(", ", config.classifiers().keySet()) + "; data in " + folder.data());
            return 0;
        }
        LogLines lines = LogLines.to(Path.of("/proc/self/fd/2"), System.getenv(), clock);
        EventLog log = new EventLog(console, json, lines);
        ServiceManager manager =
                new ServiceManager(System.getenv(), ProcessHandle.current().pid(), log::say);
        Service.Surroundings around = new Service.Surroundings(
                origins,
                orders -> new DeviceActions(config, folder, log, clock).all(orders),
                new OwnProgram(),
                new MemoryLimits(ROOT).open(log::say),
                new BoardHealth(ROOT),
                clock,
                Sleeper.REAL,
                log::say);
        try (Service service = Service.start(config, folder, around);
                ScheduledExecutorService pulse = Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("pulse").factory())) {
            StopSignals.handle(service::stop);
            manager.ready();
            manager.rhythm()
                    .ifPresent(rhythm -> pulse.scheduleAtFixedRate(
                            () -> {
                                if (service.isAlive(rhythm)) {
                                    manager.alive();
                                }
                            },
                            0,
                            rhythm.toMillis(),
                            TimeUnit.MILLISECONDS));
            if (manager.listens()) {
                pulse.scheduleWithFixedDelay(
                        () -> manager.status(statusOf(service)), 1, STATUS_SECONDS, TimeUnit.SECONDS);
            }
            log.say(config.name() + " is running; pictures and models are in " + folder.data());
            service.await();
            manager.stopping();
            pulse.shutdownNow();
        }
        return 0;
    }

    private static String statusOf(Service service) {
        try {
            return service.status().inWords();
        } catch (FieldfareException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static Function<CameraSettings, FrameOrigin> origins(Console console) {
        Seed seed = new Seed(1);
        return Service.Surroundings.named(new FrameSources.Surroundings(
                index -> seed.generator("simulated camera", index), Sleeper.REAL, console::note));
    }
}
