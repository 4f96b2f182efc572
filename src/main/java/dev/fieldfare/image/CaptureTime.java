package dev.fieldfare.image;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Optional;

/** When a picture was taken. Pictures of one burst look alike, so a fair split into training and test needs this. */
public final class CaptureTime {
    private CaptureTime() {}

    /**
     * The time that the camera wrote into a JPEG, PNG or TIFF file: Exif DateTimeOriginal, else DateTime. Local time
     * of wherever the camera's clock was set, to the second.
     *
     * @return empty where there is no such time, and for a broken, missing or foreign file, too: to ask when a picture
     *     was taken is not yet to read it, and {@link PictureReader} will say what is wrong with the file
     */
    public static Optional<LocalDateTime> of(Path file) {
        return Exif.of(new Source.OfFile(file)).captured();
    }
}
