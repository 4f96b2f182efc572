package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureFiles;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The table of frame sources: what may be written as {@link CameraSettings#source}. */
public final class FrameSources {
    /** Numbered, or below /dev/v4l by a name that stays. */
    private static final Pattern DEVICE = Pattern.compile("/dev/(video\\d|v4l/).*");

    private static final String ALSO =
            "or a device such as /dev/video0, or the path of a folder, a picture or a video file";

    private static final Kind CAMERA = new Kind(true, (settings, around) -> new V4l2Camera(settings));

    /** By what stands before the first colon or blank. */
    private static final Map<String, Kind> KINDS = new TreeMap<>(Map.of(
            "usb", CAMERA,
            "pi", new Kind(true, (settings, around) -> PiCamera.open(settings)),
            "rtsp", new Kind(true, (settings, around) -> Ffmpeg.open(settings)),
            "rtsps", new Kind(true, (settings, around) -> Ffmpeg.open(settings)),
            "http", new Kind(true, (settings, around) -> Ffmpeg.open(settings)),
            "https", new Kind(true, (settings, around) -> Ffmpeg.open(settings)),
            "loop", new Kind(true, PictureSource::loop),
            "simulated", new Kind(true, SimulatedSource::open)));

    private static final Kind PICTURES = new Kind(false, PictureSource::open);
    private static final Kind VIDEO = new Kind(false, (settings, around) -> Ffmpeg.open(settings));

    /**
     * What sources need besides their settings.
     *
     * @param randomness for the simulated camera: a frame's number to a new generator for it, always in the same state
     * @param sleeper lets time pass where a source has no time of its own
     * @param notes receives a sentence on each picture that cannot be read and is skipped
     */
    public record Surroundings(LongFunction<RandomGenerator> randomness, Sleeper sleeper, Consumer<String> notes) {}

    private record Kind(boolean live, Opener opener) {}

    @FunctionalInterface
    private interface Opener {
        FrameSource open(CameraSettings settings, Surroundings around);
    }

    private FrameSources() {}

    /**
     * Finds what the settings' source names. Nothing is opened.
     *
     * @throws FieldfareException if there is no such thing; the message lists what there is
     */
    public static FrameOrigin find(CameraSettings settings, Surroundings around) {
        Kind kind = kind(settings.source());
        return new FrameOrigin(
                Secrets.hide(settings.source()),
                kind.live(),
                () -> kind.opener().open(settings, around));
    }

    private static Kind kind(String source) {
        Kind named = KINDS.get(source.split("[:\\s]", 2)[0].toLowerCase(Locale.ROOT));
        if (named != null) {
            return named;
        }
        if (DEVICE.matcher(source).matches()) {
            return CAMERA;
        }
        Path path;
        try {
            path = Path.of(source);
        } catch (InvalidPathException e) {
            throw unknown(source);
        }
        if (Files.isDirectory(path) || PictureFiles.isPicture(path) && Files.exists(path)) {
            return PICTURES;
        }
        if (Files.isRegularFile(path)) {
            return VIDEO;
        }
        throw unknown(source);
    }

    private static FieldfareException unknown(String source) {
        return new FieldfareException("there is no camera, folder or file '" + Secrets.hide(source) + "'; there are "
                + String.join(", ", KINDS.keySet()) + ", " + ALSO);
    }
}
