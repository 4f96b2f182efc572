package dev.fieldfare.image;

import com.drew.imaging.tiff.TiffProcessingException;
import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the camera wrote about a picture (Exif 2.32), as far as Fieldfare uses it.
 *
 * @param orientation 1 to 8, as Exif numbers them; 1, upright, where nothing readable is said
 * @param captured when the picture was taken, by the camera's clock
 */
record Exif(int orientation, Optional<LocalDateTime> captured) {
    private static final Exif NONE = new Exif(1, Optional.empty());
    private static final DateTimeFormatter EXIF_TIME = DateTimeFormatter.ofPattern("yyyy:MM:dd HH:mm:ss");
    private static final int PNG_EXIF_CHUNK = 0x65584966;
    private static final int PNG_END_CHUNK = 0x49454E44;

    /**
     * Reads the metadata. Metadata is a courtesy of the camera and often mangled by editors: a picture whose metadata
     * cannot be read is a picture without metadata. Whether its pixels can be read is for {@link PictureReader} to say.
     */
    static Exif of(Source source) {
        try {
            return switch (source.format()) {
                case JPEG -> {
                    try (InputStream in = source.stream()) {
                        yield ofSegment(JpegHeader.scan(in).exif());
                    }
                }
                case PNG -> ofSegment(pngSegment(source));
                case TIFF -> of(source.tiffMetadata());
                case WRAPPING_BMP, OTHER -> NONE;
            };
        } catch (IOException | TiffProcessingException | RuntimeException unreadable) {
            return NONE;
        }
    }

    /** From the content of an Exif segment, a TIFF structure; null where the picture has none. */
    static Exif ofSegment(byte @Nullable [] segment) {
        if (segment == null) {
            return NONE;
        }
        try {
            Metadata metadata = new Metadata();
            new ExifReader().extract(new ByteArrayReader(segment), metadata);
            return of(metadata);
        } catch (RuntimeException unreadable) {
            return NONE;
        }
    }

    private static Exif of(Metadata metadata) {
        ExifIFD0Directory main = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
        ExifSubIFDDirectory camera = metadata.getFirstDirectoryOfType(ExifSubIFDDirectory.class);
        Integer orientation = main == null ? null : main.getInteger(ExifDirectoryBase.TAG_ORIENTATION);
        Optional<LocalDateTime> original =
                time(camera == null ? null : camera.getString(ExifDirectoryBase.TAG_DATETIME_ORIGINAL));
        return new Exif(
                orientation == null || orientation < 1 || orientation > 8 ? 1 : orientation,
                original.or(() -> time(main == null ? null : main.getString(ExifDirectoryBase.TAG_DATETIME))));
    }

    /** Cameras without a set clock write blanks or zeros, which are no time. */
    private static Optional<LocalDateTime> time(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(LocalDateTime.parse(text.strip(), EXIF_TIME));
        } catch (DateTimeParseException noTime) {
            return Optional.empty();
        }
    }

    /**
     * The eXIf chunk of a PNG file (PNG 3, 11.3.4.5). By hand, because metadata-extractor would hold, and inflate, all
     * other chunks as well.
     */
    private static byte @Nullable [] pngSegment(Source source) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(source.stream()))) {
            in.skipNBytes(8);
            while (true) {
                int length = in.readInt();
                int type = in.readInt();
                if (type == PNG_EXIF_CHUNK && length >= 0 && length <= 0xFFFF) {
                    return in.readNBytes(length);
                }
                if (type == PNG_END_CHUNK || length < 0) {
                    return null;
                }
                in.skipNBytes(length + 4L);
            }
        }
    }
}
