package dev.fieldfare.image;

import dev.fieldfare.FieldfareException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Iterator;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes picture files to upright 8-bit RGB.
 *
 * <p>Formats: JPEG (also progressive, grey, CMYK), PNG, BMP, GIF and TIFF (the first picture in the file), WBMP. What a
 * file is, its content says, not its name. Transparent parts are laid on white. Colour profiles are not applied, as
 * Pillow and torchvision do not (except for CMYK, which has no meaning without one). The Exif orientation is applied.
 *
 * <p>Memory stays small: a picture much larger than what is wanted is thinned out while it is decoded, and a picture's
 * size is checked in its header before anything is allocated. A JPEG that lacks its end is refused, not filled with
 * grey: half a picture teaches a model the wrong thing.
 */
public final class PictureReader {
    /** More pixels than any camera on a small device makes; even thinned out, decoding them takes seconds. */
    private static final long MAX_PIXELS = 100_000_000;

    /** JPEG decoders hold all coefficients of a progressive picture, in memory that no heap limit counts. */
    private static final long MAX_PROGRESSIVE_PIXELS = 24_000_000;

    private static final long MAX_DECODED_PIXELS = 16_000_000;

    /**
     * Progressive pictures have about ten scans. Each makes the decoder go through all coefficients, and thirty bytes can say
     * of 24 million pixels that nothing changes: without a limit, a file of one megabyte would take minutes.
     */
    private static final int MAX_SCANS = 100;

    /** As many as 100 million pixels take that are packed by nothing, and some more for what is written beside them. */
    private static final long MAX_BYTES = 1L << 29;

    /** The decoder's image and the upright picture, three bytes each. */
    private static final int BYTES_PER_PIXEL = 6;

    static {
        // Before AWT's first class: no display is needed, and none may be asked for.
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
        ImageIO.setUseCache(false);
    }

    private PictureReader() {}

    /**
     * Reads a picture file.
     *
     * @param file the picture
     * @param wantedShortSide pixels, at least 1, of the short side that the picture will be resized to. A short side of
     *     more than four times that is thinned out by a whole factor to at least twice that. {@link Integer#MAX_VALUE}
     *     for every pixel
     * @throws FieldfareException if the file is missing, broken, cut off, of an unknown kind, or too large; the message
     *     names the file, what is wrong with it, and what to do
     */
    public static Picture read(Path file, int wantedShortSide) {
        return read(new Source.OfFile(file), wantedShortSide);
    }

    /**
     * Reads a picture from memory, as {@link #read(Path, int)} does. Also the frames of Motion JPEG cameras, which are
     * JPEGs without Huffman tables.
     *
     * @param bytes an encoded picture
     * @param name what messages call it
     */
    public static Picture read(byte[] bytes, String name, int wantedShortSide) {
        return read(new Source.OfBytes(name, bytes), wantedShortSide);
    }

    private static Picture read(Source source, int wantedShortSide) {
        if (wantedShortSide < 1) {
            throw new IllegalArgumentException("the wanted short side must be at least 1: " + wantedShortSide);
        }
        if (source instanceof Source.OfFile(Path path) && Files.isDirectory(path)) {
            throw new FieldfareException(path + " is a folder, not a picture. Name a picture in it.");
        }
        try {
            if (source instanceof Source.OfFile(Path path)) {
                requireOrdinary(path);
            }
            return decode(source, wantedShortSide);
        } catch (NoSuchFileException e) {
            throw new FieldfareException("the picture " + source.name() + " does not exist. Check the path.", e);
        } catch (IOException e) {
            throw new FieldfareException(
                    "the picture " + source.name() + " cannot be read: " + reason(e)
                            + ". If it is cut off or damaged, remove it or replace it with an intact copy.",
                    e);
        } catch (FieldfareException e) {
            throw e;
        } catch (RuntimeException e) {
            // Decoders meet a damaged file with any exception, also with an index out of bounds.
            throw new FieldfareException(
                    "the picture " + source.name() + " is damaged, its decoder says: " + reason(e)
                            + ". Remove it or replace it with an intact copy.",
                    e);
        } catch (OutOfMemoryError e) {
            // The sizes were checked, but what is inside of a file may still ask a decoder for one giant array. That
            // array was refused, so all memory is as it was before.
            throw new FieldfareException(
                    "the picture " + source.name() + " needs more memory to decode than the program may use. Save it"
                            + " smaller or as a JPEG, or remove it.",
                    e);
        }
    }

    /** A pipe may keep its reader waiting for ever, and a device never ends. */
    private static void requireOrdinary(Path path) throws IOException {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        if (!file.isRegularFile()) {
            throw new IOException("it is no ordinary file");
        }
        if (file.size() > MAX_BYTES) {
            throw new IOException("it has " + file.size() + " bytes, and a picture has at most " + MAX_BYTES + " here");
        }
    }

    private static Picture decode(Source source, int wantedShortSide) throws IOException {
        Source.Format format = source.format();
        Exif exif;
        boolean severalScans = false;
        if (format == Source.Format.JPEG) {
            JpegHeader header;
            try (InputStream in = source.stream()) {
                header = JpegHeader.scan(in);
            }
            if (!header.complete()) {
                throw new IOException("the JPEG is cut off, its end is missing");
            }
            if (header.scans() > MAX_SCANS) {
                throw new IOException(
                        "the JPEG comes in " + header.scans() + " scans, and at most " + MAX_SCANS + " are decoded");
            }
            if (!header.huffmanTables() && source instanceof Source.OfBytes(String name, byte[] bytes)) {
                return decode(new Source.OfBytes(name, MotionJpeg.withTables(bytes)), wantedShortSide);
            }
            exif = Exif.ofSegment(header.exif());
            severalScans = header.severalScans();
        } else if (format == Source.Format.WRAPPING_BMP) {
            throw new IOException("a BMP with a JPEG or PNG inside is not supported");
        } else {
            exif = Exif.of(source);
        }
        try (ImageInputStream in = source.imageStream()) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new FieldfareException("the file " + source.name() + " is not a picture that Fieldfare can read:"
                        + " its content is not JPEG, PNG, BMP, GIF, TIFF or WBMP. Convert it to JPEG or remove it.");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                int period = period(reader.getWidth(0), reader.getHeight(0), wantedShortSide);
                checkSize(source, reader, format, severalScans, period);
                ImageReadParam param = reader.getDefaultReadParam();
                param.setSourceSubsampling(period, period, period / 2, period / 2);
                if (format == Source.Format.JPEG) {
                    keepProfile(reader, param);
                }
                BufferedImage image = reader.read(0, param);
                return Upright.picture(image, exif.orientation());
            } finally {
                reader.dispose();
            }
        }
    }

    /** Keeps the samples as they are: the decoder would apply the profile, slowly and by way of large arrays. */
    private static void keepProfile(ImageReader reader, ImageReadParam param) throws IOException {
        ImageTypeSpecifier raw = reader.getRawImageType(0);
        if (raw != null && raw.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_RGB) {
            param.setDestinationType(raw);
        }
    }

    /**
     * What decoding a picture takes at most, in bytes.
     *
     * @param heap the decoder's image and the upright picture
     * @param outside of the heap: next to nothing but for JPEGs in several scans
     */
    public record Needs(long heap, long outside) {
        public static final Needs NOTHING = new Needs(0, 0);

        /** For either of two pictures. */
        public Needs or(Needs other) {
            return new Needs(Math.max(heap, other.heap), Math.max(outside, other.outside));
        }
    }

    /** What {@link #read} will take for a file, by its header; nothing for what it will refuse, as it says why. */
    public static Needs needs(Path file, int wantedShortSide) {
        Source source = new Source.OfFile(file);
        try {
            requireOrdinary(file);
            if (source.format() == Source.Format.JPEG) {
                try (InputStream stream = source.stream()) {
                    JpegHeader.Size size = JpegHeader.size(stream);
                    return needs(size.width(), size.height(), size.coefficientBytes(), wantedShortSide);
                }
            }
            try (ImageInputStream in = source.imageStream()) {
                Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
                if (!readers.hasNext()) {
                    return Needs.NOTHING;
                }
                ImageReader reader = readers.next();
                try {
                    reader.setInput(in, true, true);
                    return needs(reader.getWidth(0), reader.getHeight(0), 0, wantedShortSide);
                } finally {
                    reader.dispose();
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            return Needs.NOTHING;
        }
    }

    private static Needs needs(int width, int height, long outside, int wantedShortSide) {
        int period = period(width, height, wantedShortSide);
        long decoded = Math.ceilDiv((long) width, period) * Math.ceilDiv(height, period);
        boolean refused = decoded > affordable() || outside > 3 * Short.BYTES * MAX_PROGRESSIVE_PIXELS;
        return refused ? Needs.NOTHING : new Needs(BYTES_PER_PIXEL * decoded, outside);
    }

    /** Every how many pixels to take one, both ways, so that the short side keeps twice the wanted length. */
    private static int period(int width, int height, int wantedShortSide) {
        return (int) Math.max(1, Math.min(width, height) / (2L * wantedShortSide));
    }

    /** Pixels that may be held of a picture. */
    private static long affordable() {
        return Math.min(MAX_DECODED_PIXELS, Runtime.getRuntime().maxMemory() / 2 / BYTES_PER_PIXEL);
    }

    private static void checkSize(
            Source source, ImageReader reader, Source.Format format, boolean severalScans, int period)
            throws IOException {
        long width = reader.getWidth(0);
        long height = reader.getHeight(0);
        if (width < 1 || height < 1) {
            throw new IOException("it says that it is " + width + " x " + height + " pixels");
        }
        long limit = severalScans ? MAX_PROGRESSIVE_PIXELS : MAX_PIXELS;
        if (width * height > limit) {
            throw tooLarge(source, width, height, severalScans ? "a progressive JPEG" : "a picture", limit);
        }
        long decoded = Math.ceilDiv(width, period) * Math.ceilDiv(height, period);
        if (format == Source.Format.TIFF) {
            // TIFF is packed in strips or tiles, and each is unpacked whole.
            decoded = Math.max(decoded, (long) reader.getTileWidth(0) * reader.getTileHeight(0));
        }
        if (decoded > affordable()) {
            throw tooLarge(source, width, height, "what has to be held of it at once", affordable());
        }
    }

    private static FieldfareException tooLarge(Source source, long width, long height, String what, long limit) {
        return new FieldfareException("the picture " + source.name() + " is too large: " + width + " x " + height
                + " pixels, while " + what + " may have " + limit / 1_000_000.0
                + " million here. Make it smaller or save it as a plain JPEG, or remove it.");
    }

    private static String reason(Exception e) {
        if (e instanceof EOFException) {
            return "it ends too early";
        }
        String said = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return said.replaceAll("[.!\\s]+$", ""); // a sentence follows, and has its own full stop
    }
}
