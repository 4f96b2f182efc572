package dev.fieldfare.image;

import java.io.ByteArrayOutputStream;
import java.util.List;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;

/** Frames of Motion JPEG cameras leave the Huffman tables out: they are always the typical ones of the standard. */
final class MotionJpeg {
    private static final List<JPEGHuffmanTable> TABLES = List.of(
            JPEGHuffmanTable.StdDCLuminance,
            JPEGHuffmanTable.StdACLuminance,
            JPEGHuffmanTable.StdDCChrominance,
            JPEGHuffmanTable.StdACChrominance);
    /** Table class (0 for DC, 1 for AC) and destination, in the order of the tables. */
    private static final int[] PLACES = {0x00, 0x10, 0x01, 0x11};

    private MotionJpeg() {}

    /** The frame with a table segment (ITU-T T.81, B.2.4.2 and Annex K.3) behind its start-of-image marker. */
    static byte[] withTables(byte[] frame) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int i = 0; i < PLACES.length; i++) {
            content.write(PLACES[i]);
            for (short length : TABLES.get(i).getLengths()) {
                content.write(length);
            }
            for (short value : TABLES.get(i).getValues()) {
                content.write(value);
            }
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream(frame.length + content.size() + 4);
        whole.write(frame, 0, 2);
        whole.write(0xFF);
        whole.write(0xC4);
        whole.write((content.size() + 2) >> 8);
        whole.write((content.size() + 2) & 0xFF);
        whole.writeBytes(content.toByteArray());
        whole.write(frame, 2, frame.length - 2);
        return whole.toByteArray();
    }
}
