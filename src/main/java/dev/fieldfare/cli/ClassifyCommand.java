package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraFeed;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.camera.FeedListener;
import dev.fieldfare.camera.Frame;
import dev.fieldfare.camera.FrameOrigin;
import dev.fieldfare.camera.FrameSource;
import dev.fieldfare.camera.FrameSources;
import dev.fieldfare.camera.SimulatedBench;
import dev.fieldfare.camera.SimulatedCamera;
import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureFiles;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.Pixels;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Averaging;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Prediction;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "classify", description = "Says what pictures, videos and cameras show.")
final class ClassifyCommand implements Callable<Integer> {
    private static final int TOP = 5;
    private static final String SIMULATED = "simulated:";
    private static final int CAMERA_FRAMES = 10;

    @ParentCommand
    Main main = new Main();

    @Mixin
    ModelOptions model = new ModelOptions();

    @Mixin
    RunOptions run = new RunOptions();

    @Option(
            names = "--average",
            paramLabel = "SPEC",
            defaultValue = "auto",
            description = "Looks to average: none, flip, crops:N, dropout:N, fmp:N, members, or joined by '+' such as"
                    + " crops:5+flip; then ',until:0.99' or ',within:150ms' to stop earlier. auto looks once when sure,"
                    + " and more when not. Default: ${DEFAULT-VALUE}.")
    String average = "auto";

    @Nullable
    @Option(
            names = {"-n", "--frames"},
            paramLabel = "N",
            description = "Frames to take from a camera or a video, at most. Default: 10 of a camera, all of a video.")
    Integer frames;

    @Parameters(
            arity = "1..*",
            paramLabel = "SOURCE",
            description = "Pictures, folders of pictures, videos, and cameras: pi, usb, /dev/video0, rtsp://..., or the"
                    + " simulated ones simulated:day, simulated:evening, simulated:anywhere.")
    List<String> sources = List.of();

    @Override
    public Integer call() {
        Console console = main.console(run.json);
        if (frames != null && frames < 1) {
            throw run.wrong("--frames must be at least 1, not " + frames);
        }
        List<ClassifierModel> opened = model.openAll(console);
        Averaging averaging = Averaging.parse(average, opened.getFirst().card());
        int looked = 0;
        try (Classifier classifier =
                Classifier.open(opened, averaging, run.effectiveThreads(), InstantSource.system())) {
            for (String source : sources) {
                looked += look(source, classifier, averaging, console);
            }
        }
        if (looked == 0) {
            throw new FieldfareException("none of the sources held a picture that could be read");
        }
        return 0;
    }

    private int look(String source, Classifier classifier, Averaging averaging, Console console) {
        if (source.startsWith(SIMULATED)) {
            return simulation(source, classifier, averaging, console);
        }
        Path path = path(source);
        if (path != null && Files.exists(path) && (Files.isDirectory(path) || PictureFiles.isPicture(path))) {
            return files(path, classifier, averaging, console);
        }
        FrameOrigin origin = FrameSources.find(
                CameraSettings.of(source, classifier.wantedShortSide()),
                new FrameSources.Surroundings(
                        index -> seed().generator("simulated camera", index), Sleeper.REAL, console::note));
        FrameShower shower =
                (name, frame, number) -> show(name, number, frame.pixels(), classifier, averaging, console);
        return origin.live() ? camera(origin, shower) : video(origin, shower);
    }

    private static @Nullable Path path(String source) {
        try {
            return Path.of(source);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private Seed seed() {
        return new Seed(run.seed == null ? 1 : run.seed);
    }

    @FunctionalInterface
    private interface FrameShower {
        void show(String name, Frame frame, int number);
    }

    /** Every frame in turn. */
    private int video(FrameOrigin origin, FrameShower shower) {
        int looked = 0;
        try (FrameSource source = origin.opener().get()) {
            while (frames == null || looked < frames) {
                Optional<Frame> next = source.next();
                if (next.isEmpty()) {
                    break;
                }
                try (Frame frame = next.get()) {
                    shower.show(origin.name(), frame, looked++);
                }
            }
        }
        return looked;
    }

    /** Always the newest frame. */
    private int camera(FrameOrigin origin, FrameShower shower) {
        int most = frames == null ? CAMERA_FRAMES : frames;
        int looked = 0;
        CameraFeed.Settings settings =
                new CameraFeed.Settings(CameraSettings.of(origin.name()).settle(), false);
        try (CameraFeed feed =
                CameraFeed.start(origin, settings, FeedListener.SILENT, InstantSource.system(), Sleeper.REAL)) {
            while (looked < most && !feed.hasEnded()) {
                Optional<Frame> next = feed.next(Duration.ofSeconds(1));
                if (next.isPresent()) {
                    try (Frame frame = next.get()) {
                        shower.show(origin.name(), frame, looked++);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("interrupted while it watched " + origin.name(), e);
        }
        return looked;
    }

    private int files(Path source, Classifier classifier, Averaging averaging, Console console) {
        List<Path> files = Files.isDirectory(source) ? PictureFiles.list(source, true) : List.of(source);
        int looked = 0;
        for (Path file : files) {
            Picture picture;
            try {
                picture = PictureReader.read(file, classifier.wantedShortSide());
            } catch (FieldfareException broken) {
                console.note("skipped: " + broken.getMessage());
                continue;
            }
            show(file.toString(), null, picture, classifier, averaging, console);
            looked++;
        }
        return looked;
    }

    private int simulation(String source, Classifier classifier, Averaging averaging, Console console) {
        Seed seed = seed();
        int most = frames == null ? CAMERA_FRAMES : frames;
        SimulatedBench bench = SimulatedBench.named(source.substring(SIMULATED.length()));
        try (SimulatedCamera camera = new SimulatedCamera(bench, index -> seed.generator("simulated camera", index))) {
            for (int i = 0; i < most; i++) {
                SimulatedCamera.Drawn frame = camera.draw(i);
                String name = source + " frame " + i + " (" + frame.part().label() + ")";
                show(name, null, frame.picture(), classifier, averaging, console);
            }
        }
        return most;
    }

    private void show(
            String source,
            @Nullable Integer frame,
            Pixels pixels,
            Classifier classifier,
            Averaging averaging,
            Console console) {
        long start = System.nanoTime();
        Prediction prediction = classifier.predict(pixels, averaging);
        double millis = (System.nanoTime() - start) / 1e6;
        List<Prediction.Ranked> top = prediction.top(TOP);
        if (run.json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("source", source);
            if (frame != null) {
                line.put("frame", frame);
            }
            line.put("label", prediction.label());
            line.put("probability", prediction.probability());
            line.put("top", top);
            line.put("samples", prediction.samples());
            line.put("entropy", prediction.entropy());
            line.put("mutualInformation", prediction.mutualInformation());
            line.put("unknown", prediction.isUnknown());
            line.put("distance", Double.isNaN(prediction.distance()) ? null : prediction.distance());
            line.put("millis", millis);
            console.json(line);
            return;
        }
        String shown = source + (frame == null ? "" : " frame " + frame) + ": ";
        if (prediction.isUnknown()) {
            String why =
                    prediction.doubt() == Prediction.Doubt.FAR ? "far from all training pictures" : "not sure enough";
            console.print(shown + prediction.answer() + "  (nearest: " + percent(top.getFirst()) + ", " + why + ")");
            return;
        }
        StringBuilder others = new StringBuilder();
        for (Prediction.Ranked other : top.subList(1, Math.min(3, top.size()))) {
            others.append(others.isEmpty() ? "" : ", ").append(percent(other));
        }
        console.print(shown + percent(top.getFirst()) + "  (" + others + ")");
    }

    private static String percent(Prediction.Ranked ranked) {
        return String.format(Locale.ROOT, "%s %.1f %%", ranked.label(), 100 * ranked.probability());
    }
}
