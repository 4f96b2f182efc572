package dev.fieldfare.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the markers of a JPEG file tell without decoding it (ITU-T T.81, Annex B).
 *
 * @param scans how many there are
 * @param severalScans whether the picture comes in more than one scan (progressive, or one component after the other),
 *     so that a decoder has to hold all of its coefficients at once
 * @param huffmanTables whether the file brings its own Huffman tables
 * @param complete whether the end-of-image marker is there
 * @param exif the first Exif segment after its six-byte name, or null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: a bundle of what one pass found
record JpegHeader(int scans, boolean severalScans, boolean huffmanTables, boolean complete, byte @Nullable [] exif) {
    private static final byte[] EXIF_NAME = {'E', 'x', 'i', 'f', 0, 0};
    private static final int HUFFMAN_TABLES = 0xC4;
    private static final int END_OF_IMAGE = 0xD9;
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP1 = 0xE1;

    /** Reads the file once, to its end-of-image marker. */
    static JpegHeader scan(InputStream stream) throws IOException {
        Cursor in = new Cursor(stream);
        boolean severalScans = false;
        boolean tables = false;
        int scans = 0;
        int components = 0;
        byte @Nullable [] exif = null;
        for (int marker = in.nextMarker(); marker >= 0; marker = in.nextMarker()) {
            if (marker == END_OF_IMAGE) {
                return new JpegHeader(scans, severalScans, tables, true, exif);
            }
            if (isStandalone(marker)) {
                continue;
            }
            tables |= marker == HUFFMAN_TABLES;
            scans += marker == START_OF_SCAN ? 1 : 0;
            byte[] segment = in.segment(marker == APP1 && exif == null ? 0xFFFF : 6);
            if (isStartOfFrame(marker) && segment.length >= 6) {
                components = segment[5];
                severalScans |= marker == 0xC2 || marker == 0xC6 || marker == 0xCA || marker == 0xCE;
            } else if (marker == START_OF_SCAN && segment.length >= 1) {
                severalScans |= segment[0] < components;
            } else if (marker == APP1 && exif == null && isExif(segment)) {
                exif = Arrays.copyOfRange(segment, EXIF_NAME.length, segment.length);
            }
        }
        return new JpegHeader(scans, severalScans, tables, false, exif);
    }

    /**
     * How large a picture is.
     *
     * @param coefficientBytes what a decoder holds of a picture in several scans: every coefficient, two bytes each, in
     *     memory that no limit on the heap counts; zero for a picture in one scan
     */
    record Size(int width, int height, long coefficientBytes) {}

    /** Reads no further than the first scan; all is zero where there is none. */
    static Size size(InputStream stream) throws IOException {
        Cursor in = new Cursor(stream);
        int height = 0;
        int width = 0;
        boolean progressive = false;
        int components = 0;
        for (int marker = in.nextMarker(); marker >= 0 && marker != END_OF_IMAGE; marker = in.nextMarker()) {
            if (isStandalone(marker)) {
                continue;
            }
            byte[] segment = in.segment(6);
            if (isStartOfFrame(marker) && segment.length >= 6) {
                height = (segment[1] & 0xFF) << 8 | segment[2] & 0xFF;
                width = (segment[3] & 0xFF) << 8 | segment[4] & 0xFF;
                components = segment[5];
                progressive = marker == 0xC2 || marker == 0xC6 || marker == 0xCA || marker == 0xCE;
            } else if (marker == START_OF_SCAN) {
                boolean severalScans = progressive || segment.length >= 1 && segment[0] < components;
                long coefficients = (long) height * width * components;
                return new Size(width, height, severalScans ? Short.BYTES * coefficients : 0);
            }
        }
        return new Size(0, 0, 0);
    }

    private static boolean isExif(byte[] segment) {
        return segment.length > EXIF_NAME.length
                && Arrays.equals(segment, 0, EXIF_NAME.length, EXIF_NAME, 0, EXIF_NAME.length);
    }

    /** Markers that have no length and no content: stuffing, TEM, restarts, start of image. */
    private static boolean isStandalone(int marker) {
        return marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8);
    }

    private static boolean isStartOfFrame(int marker) {
        return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    }

    /** A forward reader with its own buffer: the file is read byte by byte, too often for a stream's call each. */
    private static final class Cursor {
        private final InputStream in;
        private final byte[] buffer = new byte[1 << 14];
        private int position;
        private int limit;

        Cursor(InputStream in) {
            this.in = in;
        }

        int next() throws IOException {
            if (position == limit) {
                limit = in.read(buffer);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    return -1;
                }
            }
            return buffer[position++] & 0xFF;
        }

        /** Runs past entropy-coded data (and rubbish) to the next marker; -1 at the end of the file. */
        int nextMarker() throws IOException {
            int value = next();
            while (value >= 0) {
                if (value != 0xFF) {
                    value = next();
                    continue;
                }
                // any number of FF may fill the space before a marker
                while (value == 0xFF) {
                    value = next();
                }
                return value;
            }
            return -1;
        }

        /** Reads the segment at hand, and keeps at most {@code keep} bytes of its content. */
        byte[] segment(int keep) throws IOException {
            int high = next();
            int low = next();
            int length = Math.max(0, ((high << 8) | low) - 2);
            byte[] kept = new byte[Math.min(keep, length)];
            for (int i = 0; i < length; i++) {
                int value = next();
                if (value < 0) {
                    return Arrays.copyOf(kept, Math.min(i, kept.length));
                }
                if (i < kept.length) {
                    kept[i] = (byte) value;
                }
            }
            return kept;
        }
    }
}
