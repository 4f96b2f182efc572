package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.CameraFeed;
import dev.fieldfare.camera.CameraSettings;
import dev.fieldfare.camera.FeedListener;
import dev.fieldfare.camera.Frame;
import dev.fieldfare.camera.FrameOrigin;
import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Takes pictures for a label while no device runs. */
public final class Capture {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Capture() {}

    /**
     * Opens the camera and takes them.
     *
     * @param order for which classifier, which label, how many
     * @return what a running device would answer, as JSON
     * @throws FieldfareException if the camera fails
     */
    public static String take(
            Order.Label order,
            DeviceConfig config,
            DeviceFolder folder,
            Function<CameraSettings, FrameOrigin> origins,
            Clock clock)
            throws InterruptedException {
        ClassifierSettings settings =
                Objects.requireNonNull(config.classifiers().get(order.classifier()));
        CameraSettings camera = Objects.requireNonNull(config.cameras().get(settings.camera()));
        Album album = folder.album(order.classifier());
        String session = album.newSession(LocalDateTime.now(clock), order.label());
        int count = order.count() > 0 ? order.count() : settings.collect().burst();
        List<String> files = new ArrayList<>();
        try (CameraFeed feed = CameraFeed.start(
                origins.apply(camera),
                new CameraFeed.Settings(camera.settle(), false),
                FeedListener.SILENT,
                clock,
                Sleeper.REAL)) {
            while (files.size() < count) {
                Optional<Frame> frame = feed.next(PATIENCE);
                if (frame.isEmpty()) {
                    throw new FieldfareException("the camera gave " + files.size() + " of " + count
                            + " pictures, and then" + " no more" + (files.isEmpty() ? "" : "; those are kept"));
                }
                try (Frame taken = frame.get()) {
                    Path file = album.keep(taken.pixels().toPicture(), order.label(), session, files.size() + 1);
                    files.add(file.toString());
                }
                Sleeper.REAL.sleep(settings.collect().interval());
            }
        }
        return StrictYaml.toJson(new Commander.Answer(true, "taken", session, files));
    }
}
