package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Suffix;
import dev.fieldfare.noise.Seed;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Short trials of how fast this machine is, with pictures of nothing. */
final class Trial {
    /** Enough for a plan, which only has to know how depths compare. */
    static final Duration SHORT = Duration.ofMillis(400);

    /** What is measured for longer is warmed up for this share of it: Java compiles the code that runs often meanwhile. */
    private static final int WARM_UP_SHARE = 5;

    private final ClassifierModel model;
    private final TrainingSettings settings;
    private final int classes;
    private final Path scratch;
    private final InstantSource clock;
    private final Duration least;
    private final int width;
    private final Map<Integer, Double> looksPerSecond = new HashMap<>();
    private final Map<String, Double> trainedPerSecond = new HashMap<>();

    /**
     * @param width features before the last layer
     * @param scratch a folder for files that are gone when a trial is over
     * @param least how long each takes at least
     */
    Trial(
            ClassifierModel model,
            int classes,
            int width,
            TrainingSettings settings,
            Path scratch,
            InstantSource clock,
            Duration least) {
        this.model = model;
        this.classes = classes;
        this.width = width;
        this.settings = settings;
        this.scratch = scratch;
        this.clock = clock;
        this.least = least;
    }

    /** How many pictures a second are turned into features, by all threads of the plan together; tried once. */
    double looksPerSecond(MemoryPlan plan) {
        return looksPerSecond.computeIfAbsent(plan.lookers(), this::tryLooks);
    }

    private double tryLooks(int threads) {
        Picture grey = new Picture(256, 256, new byte[3 * 256 * 256]);
        try (Looks looks = Looks.of(model, width, scratch);
                Workers workers = new Workers(threads)) {
            List<Callable<Looks.Look>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(() -> looks.look(grey, Glance.PLAIN));
            }
            return threads * perSecond(() -> workers.all(tasks));
        }
    }

    /** How many pictures a second are trained on: forward, backward, and the update's share; tried once for each depth. */
    double trainedPerSecond(MemoryPlan plan) {
        return trainedPerSecond.computeIfAbsent(plan.train().spec(), spec -> tryTraining(plan));
    }

    private double tryTraining(MemoryPlan plan) {
        Suffix suffix = plan.suffix();
        HeadGraph graph =
                new HeadGraph(suffix, plan.portions(), classes, FeatureScaling.identity(suffix.width()), settings);
        int elements = Math.toIntExact(suffix.shape().elements());
        if (suffix.isEmpty() || plan.cached()) {
            return trainedPerSecond(graph, (picture, view, epoch, into) -> into.position(into.position() + elements));
        }
        Picture grey = new Picture(256, 256, new byte[3 * 256 * 256]);
        try (TrunkRunner trunk = new TrunkRunner(
                model.trunk(suffix), model.preprocessing(), suffix.shape(), scratch.resolve("trunk.onnx"), 1)) {
            return trainedPerSecond(graph, (picture, view, epoch, into) -> trunk.run(grey, Glance.PLAIN, into));
        }
    }

    private double trainedPerSecond(HeadGraph graph, Inputs inputs) {
        Map<String, FloatBuffer> start = new LinkedHashMap<>(graph.suffix().weights());
        try (StepRunner runner = new StepRunner(graph, inputs)) {
            runner.start(start);
            int size = graph.portions().batch();
            float[][] targets = new float[size][classes];
            Batch batch = new Batch(new int[size], new int[size], targets, 1, 0);
            Map<String, Float> scalars = new LinkedHashMap<>();
            graph.training().scalars().forEach(name -> scalars.put(name, 0f));
            Seed seed = new Seed(settings.seed());
            return size * perSecond(() -> runner.step(batch, scalars, seed));
        }
    }

    private double perSecond(Runnable work) {
        work.run(); // the first run allocates
        if (least.compareTo(SHORT) > 0) {
            perSecond(work, least.dividedBy(WARM_UP_SHARE));
        }
        return perSecond(work, least);
    }

    private double perSecond(Runnable work, Duration least) {
        Instant start = clock.instant();
        int runs = 0;
        Duration taken;
        do {
            work.run();
            runs++;
            taken = Duration.between(start, clock.instant());
        } while (taken.compareTo(least) < 0);
        return runs * 1e9 / taken.toNanos();
    }
}
