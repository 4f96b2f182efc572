package dev.fieldfare.camera;

import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.YuvColours;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * YUV4MPEG2, in 4:2:0: a line with the size, then for each frame a line and its planes. So the size need not be known
 * before. Colours are BT.601, in limited range unless the header says otherwise.
 */
final class Y4mFormat implements ChildCamera.Format {
    private static final int LONGEST_LINE = 512;
    private static final int LARGEST = 8192;

    private final String name;
    private final int degrees;
    private final byte[] line = new byte[LONGEST_LINE];
    private @Nullable I420Format frames;

    Y4mFormat(String name, int degrees) {
        this.name = name;
        this.degrees = degrees;
    }

    @Override
    public Frame read(InputStream output) throws IOException {
        if (frames == null) {
            frames = frames(text(output));
        }
        int length = line(output);
        if (length < 5 || line[0] != 'F' || line[4] != 'E') {
            throw new IOException("expected a frame, found " + new String(line, 0, length, StandardCharsets.US_ASCII));
        }
        return frames.read(output);
    }

    private I420Format frames(String header) throws IOException {
        int width = 0;
        int height = 0;
        for (String parameter : header.split(" ")) {
            if (parameter.matches("[WH][0-9]{1,5}")) {
                int length = Integer.parseInt(parameter.substring(1));
                if (parameter.charAt(0) == 'W') {
                    width = length;
                } else {
                    height = length;
                }
            }
        }
        if (!header.startsWith("YUV4MPEG2") || width < 1 || width > LARGEST || height < 1 || height > LARGEST) {
            throw new IOException("expected a video in YUV4MPEG2, found " + header);
        }
        YuvColours colours = header.contains("XCOLORRANGE=FULL") ? YuvColours.BT601_FULL : YuvColours.BT601_LIMITED;
        FrameBuffers buffers = new FrameBuffers(name, PixelFormat.I420, colours, width, height, width, degrees);
        return new I420Format(buffers, PixelFormat.I420.frameBytes(height, width));
    }

    private String text(InputStream output) throws IOException {
        return new String(line, 0, line(output), StandardCharsets.US_ASCII);
    }

    private int line(InputStream output) throws IOException {
        for (int length = 0; length < line.length; length++) {
            int next = output.read();
            if (next < 0) {
                throw new EOFException("no further frame");
            }
            if (next == '\n') {
                return length;
            }
            line[length] = (byte) next;
        }
        throw new IOException("expected a line of text in a video in YUV4MPEG2");
    }
}
