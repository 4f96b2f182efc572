package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PictureFiles;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.image.Pixels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The pictures of a folder and the folders in it, in the order of their names, or one picture. */
final class PictureSource implements FrameSource {
    private static final String LOOP = "loop:";

    private final String name;
    private final List<Path> files;
    private final int shortSide;
    private final int degrees;
    private final boolean again;
    private final Consumer<String> notes;
    private int next;
    private boolean readable;
    private volatile boolean closed;

    private PictureSource(Path path, CameraSettings settings, boolean again, Consumer<String> notes) {
        this.name = path.toString();
        this.files = Files.isDirectory(path) ? PictureFiles.list(path, true) : List.of(path);
        this.shortSide = Math.min(settings.width(), settings.height());
        this.degrees = settings.rotate();
        this.again = again;
        this.notes = notes;
        if (files.isEmpty()) {
            throw new FieldfareException("there is no picture in the folder " + path);
        }
    }

    static FrameSource open(CameraSettings settings, FrameSources.Surroundings around) {
        return new PictureSource(Path.of(settings.source()), settings, false, around.notes());
    }

    /** The same pictures again and again, so many a second, as if they came from a camera. */
    static FrameSource loop(CameraSettings settings, FrameSources.Surroundings around) {
        Path path = Path.of(settings.source().substring(LOOP.length()));
        if (!Files.exists(path)) {
            throw new FieldfareException("there is no picture or folder " + path + "; check the path behind " + LOOP);
        }
        return new PacedSource(
                new PictureSource(path, settings, true, around.notes()), settings.framesPerSecond(), around.sleeper());
    }

    @Override
    public Optional<Frame> next() {
        while (!closed) {
            if (next == files.size()) {
                if (!readable) {
                    throw new FieldfareException("none of the pictures in " + name + " can be read");
                }
                if (!again) {
                    break;
                }
                next = 0;
            }
            Path file = files.get(next++);
            try {
                Pixels pixels = PictureReader.read(file, shortSide).turned(degrees);
                readable = true;
                return Optional.of(Frame.of(file.toString(), pixels));
            } catch (FieldfareException broken) {
                notes.accept("skipped: " + broken.getMessage());
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        closed = true;
    }
}
