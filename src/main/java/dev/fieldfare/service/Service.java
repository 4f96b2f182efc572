package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraFeed;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.camera.FrameOrigin;
import dev.fieldfare.camera.FrameSources;
import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.model.StrictYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The running device: cameras, each with the classifiers that look through it, actions that react, pictures that are
 * collected, and a retrainer. Everything that may wait has a thread of its own.
 */
public final class Service implements Orders, AutoCloseable {
    /** Between two looks at the clock, the pictures and the configuration. */
    private static final long PAUSE_SECONDS = 2;

    /** Orders may come from strangers; so many at once nobody means. */
    private static final int MOST_ORDERS = 32;

    private final DeviceFolder folder;
    private final Surroundings around;
    private final Instant started;
    private final Control control;
    private final Events events;
    private final Learning learning;
    private final Map<String, Watch> watches = new LinkedHashMap<>();
    private final Map<String, LiveClassifier> classifiers = new LinkedHashMap<>();
    private final Map<String, CameraNews> cameras = new LinkedHashMap<>();
    private final ScheduledExecutorService orders = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("orders").factory());
    private final AtomicInteger given = new AtomicInteger();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private boolean closed;
    private final ConfigFile configFile;
    private volatile DeviceConfig config;
    private volatile boolean paused;

    /**
     * What a device needs besides its configuration.
     *
     * @param origins from settings to what opens the camera
     * @param actions what reacts; they may give orders
     * @param launcher how a retraining is started
     * @param memory how the system holds it to its memory
     * @param log takes a sentence for the log
     */
    public record Surroundings(
            Function<CameraSettings, FrameOrigin> origins,
            Function<Orders, List<Action>> actions,
            Launcher launcher,
            MemoryLimit memory,
            Health health,
            Clock clock,
            Sleeper sleeper,
            Consumer<String> log) {
        /** The origins that there are by name. */
        public static Function<CameraSettings, FrameOrigin> named(FrameSources.Surroundings around) {
            return settings -> FrameSources.find(settings, around);
        }
    }

    /**
     * Loads the models and starts everything.
     *
     * @throws FieldfareException if a model cannot be loaded or there is no such camera; nothing runs then
     */
    public static Service start(DeviceConfig config, DeviceFolder folder, Surroundings around) {
        // Before anything is taken: pins and cameras would be missed first, and say less.
        Control.requireAlone(folder.control());
        Service service = new Service(config, folder, around);
        try {
            service.open();
            return service;
        } catch (RuntimeException e) {
            service.close();
            throw e;
        }
    }

    /**
     * Checks all that can be checked without running anything: that there are such cameras, and
     * that every model is there and can be loaded.
     *
     * @throws FieldfareException if something is wrong
     */
    public static void check(
            DeviceConfig config, DeviceFolder folder, Function<CameraSettings, FrameOrigin> origins, Clock clock) {
        config.cameras().forEach((name, settings) -> {
            if (origin(name, settings, folder, origins).name().isEmpty()) {
                throw new FieldfareException("cameras." + name + ".source names nothing");
            }
        });
        config.classifiers().forEach((name, settings) -> {
            Path start = folder.start(name, settings);
            Loaded.open(start, "", settings.average(), config.effectiveThreads(), clock)
                    .close();
        });
    }

    private static FrameOrigin origin(
            String name, CameraSettings settings, DeviceFolder folder, Function<CameraSettings, FrameOrigin> origins) {
        try {
            return origins.apply(settings);
        } catch (FieldfareException e) {
            String key = "cameras." + name + ".source";
            throw new FieldfareException(
                    StrictYaml.place(folder.config(), key) + ": " + key + ": " + e.getMessage(), e);
        }
    }

    private Service(DeviceConfig config, DeviceFolder folder, Surroundings around) {
        this.config = config;
        this.folder = folder;
        this.around = around;
        this.started = around.clock().instant();
        this.configFile = new ConfigFile(folder.config());
        this.control = new Control(folder.control(), this, around.clock());
        List<Action> actions = new ArrayList<>(around.actions().apply(this));
        actions.add(control);
        this.events = new Events(actions, around.log());
        this.learning = new Learning(folder, config.effectiveThreads(), around, events);
    }

    private void open() {
        try {
            Files.createDirectories(folder.data());
        } catch (IOException e) {
            throw new FieldfareException("data: cannot make the folder " + folder.data() + ": " + e.getMessage(), e);
        }
        config.classifiers().forEach((name, settings) -> classifiers.put(name, classifier(name, settings)));
        config.cameras().forEach((name, settings) -> {
            List<LiveClassifier> through = classifiers.values().stream()
                    .filter(classifier -> classifier.settings().camera().equals(name))
                    .toList();
            CameraNews news = new CameraNews(name, events, around.clock());
            cameras.put(name, news);
            CameraFeed feed = CameraFeed.start(
                    origin(name, settings, folder, around.origins()),
                    new CameraFeed.Settings(settings.settle(), true),
                    news,
                    around.clock(),
                    around.sleeper());
            watches.put(name, new Watch(name, feed, through, () -> paused, around.clock(), around.log()));
        });
        listen();
        classifiers.values().forEach(learning::begin);
        watches.values().forEach(Watch::start);
        classifiers.keySet().stream().filter(learning::isInterrupted).forEach(this::goOn);
        orders.scheduleWithFixedDelay(this::lookAround, PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    }

    /** A card that can only be read any more, as worn ones do, is no reason not to look. */
    private void listen() {
        try {
            control.open();
        } catch (FieldfareException e) {
            if (Files.isWritable(folder.data())) {
                throw e;
            }
            around.log()
                    .accept("the data folder " + folder.data()
                            + " cannot be written to: nothing will be kept or learnt,"
                            + " and no commands can be taken; check the disk");
        }
    }

    /** Power came back in the middle of a retraining. */
    private void goOn(String name) {
        around.log().accept(name + ": a retraining was interrupted, and goes on");
        give(new Order.Retrain(name));
    }

    /** Every now and then: is it time to learn, is there a new model, has the configuration changed? */
    private void lookAround() {
        try {
            learning.look(config.classifiers());
            configFile.changed().ifPresent(this::change);
        } catch (FieldfareException e) {
            around.log().accept(String.valueOf(e.getMessage()));
        } catch (RuntimeException mistake) {
            // An executor would end what comes again and again, and say nothing.
            around.log().accept("this is a mistake in Fieldfare, not yours: " + mistake);
        }
    }

    /** Goes by a changed configuration, as far as that can be done while running. */
    private void change(DeviceConfig changed) {
        ConfigChange change = ConfigChange.of(config, changed);
        config = change.now();
        config.classifiers().forEach((name, its) -> classifierOf(name).settings(its));
        around.log().accept(change.inWords());
    }

    private LiveClassifier classifier(String name, ClassifierSettings settings) {
        Collector collector =
                new Collector(name, folder.album(name), settings.collect(), around.clock(), events, around.log());
        Set<Steadiness> lights = config.lights().stream()
                .filter(light -> light.when().matches(name))
                .flatMap(light -> light.steadiness().stream())
                .collect(Collectors.toSet());
        return new LiveClassifier(
                name, settings, lights, learning.first(name, settings), collector, events, around.clock());
    }

    /** Ends {@link #await}; from any thread. */
    public void stop() {
        stopped.complete(null);
    }

    /**
     * Waits until it is to stop, there are no more frames from any camera, as from folders, or something cannot be gone on
     * after.
     */
    public void await() throws InterruptedException {
        CompletableFuture<?>[] all = watches.values().stream().map(Watch::ended).toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> failed = new CompletableFuture<>();
        for (CompletableFuture<?> one : all) {
            one.whenComplete((nothing, failure) -> {
                if (failure != null) {
                    failed.completeExceptionally(failure);
                }
            });
        }
        try {
            CompletableFuture.anyOf(stopped, failed, CompletableFuture.allOf(all))
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Whether everything that should go round does: nothing has hung for this long. */
    public boolean isAlive(Duration longest) {
        Instant now = around.clock().instant();
        return watches.values().stream()
                // A folder that was looked through to its end is no camera that hangs.
                .allMatch(watch -> watch.ended().isDone()
                        || Duration.between(watch.beat(), now).compareTo(longest) < 0);
    }

    /** Follows an order, soon, in another thread; an {@link Event.Refused} tells if it cannot. */
    @Override
    public void give(Order order) {
        if (given.incrementAndGet() > MOST_ORDERS) {
            given.decrementAndGet();
            refuse(order, "too many orders are waiting");
            return;
        }
        orders.execute(() -> {
            given.decrementAndGet();
            try {
                follow(order);
            } catch (FieldfareException e) {
                refuse(order, String.valueOf(e.getMessage()));
            }
        });
    }

    private void refuse(Order order, String reason) {
        events.tell(new Event.Refused(around.clock().instant(), text(order), reason));
    }

    /**
     * Follows an order and waits until it is followed; of a retraining, until it is in line.
     *
     * @throws FieldfareException if it cannot be followed
     */
    void obey(Order order) throws InterruptedException {
        try {
            orders.submit(() -> follow(order)).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        }
    }

    private static String text(Order order) {
        return switch (order) {
            case Order.Label label -> "label " + label.label();
            case Order.Retrain _ -> "retrain";
            case Order.RollBack _ -> "rollback";
            case Order.Pause pause -> pause.paused() ? "pause" : "resume";
            case Order.Toggle _ -> "toggle";
        };
    }

    private void follow(Order order) {
        switch (order) {
            case Order.Label label ->
                classifierOf(label.classifier()).collector().begin(label.label(), label.count());
            case Order.Retrain retrain -> learning.retrain(config.classifier(retrain.classifier()));
            case Order.RollBack rollBack -> learning.rollBack(config.classifier(rollBack.classifier()));
            case Order.Pause pause -> pause(pause.paused());
            case Order.Toggle _ -> pause(!paused);
        }
    }

    /** How long the pictures of a label may take: twice the intervals between them, for cameras that do not keep up. */
    Duration burstTime(Order.Label label) {
        CollectSettings collect = classifierOf(label.classifier()).settings().collect();
        int count = label.count() > 0 ? label.count() : collect.burst();
        return collect.interval().multipliedBy(2L * count);
    }

    /** The classifier that is meant; see {@link DeviceConfig#classifier}. */
    String classifier(String given) {
        return config.classifier(given);
    }

    private LiveClassifier classifierOf(String given) {
        return Objects.requireNonNull(classifiers.get(config.classifier(given)));
    }

    private void pause(boolean wanted) {
        if (paused != wanted) {
            paused = wanted;
            // Lights go out, and are to come on again for what is there then.
            classifiers.values().forEach(LiveClassifier::forget);
            events.tell(new Event.Paused(around.clock().instant(), wanted));
        }
    }

    /** How things stand. */
    public Status status() {
        List<Status.Camera> seen = new ArrayList<>();
        watches.forEach((name, watch) ->
                seen.add(Objects.requireNonNull(cameras.get(name)).status(watch.counts())));
        List<Status.Classifier> looking = new ArrayList<>();
        classifiers.values().forEach(classifier -> looking.add(learning.status(classifier)));
        return new Status(config.name(), started.toString(), paused, seen, looking);
    }

    /** In reverse order of opening: nothing is told any more when the lights go out. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        orders.shutdownNow();
        learning.close();
        watches.values().forEach(Watch::close);
        if (watches.isEmpty()) {
            classifiers.values().forEach(LiveClassifier::close);
        }
        events.close();
    }
}
