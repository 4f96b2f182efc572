import dev.fieldfare.image.Interpolation;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.image.YuvColours;
import dev.fieldfare.image.YuvPixels;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Times the way from a camera's frame to a model's tensor, in one pass as Fieldfare goes it, and in steps: decode to RGB,
 * scale, copy. All ways take turns in one process; medians. Run by tools/benchmarks/camera-frames.sh.
 */
final class FrameToTensor {
    private static final int WARM = 150;
    private static final int ROUNDS = 301;

    public static void main(String[] arguments) {
        System.out.println("| frame | tensor | one pass | decode, then the same resizing | decode, AWT's resizing |");
        System.out.println("|---|---|---:|---:|---:|");
        for (int side : new int[] {128, 224}) {
            time(PixelFormat.YUYV, 640, 480, side);
            time(PixelFormat.NV12, 320, 240, side);
        }
    }

    private static void time(PixelFormat format, int width, int height, int side) {
        YuvPixels frame = YuvPixels.allocate(format, YuvColours.BT601_LIMITED, width, height);
        for (int i = 0; i < frame.bytes().length; i++) {
            frame.bytes()[i] = (byte) (60 + (i * 31 ^ i / 640 * 17) % 120);
        }
        List<Double> mean = List.of(0.485, 0.456, 0.406);
        List<Double> std = List.of(0.229, 0.224, 0.225);
        Preprocessing preprocessing = new Preprocessing(
                side,
                side,
                Preprocessing.Layout.NCHW,
                Preprocessing.Colour.RGB,
                Preprocessing.Resize.SHORT_SIDE,
                0.875,
                Interpolation.BILINEAR,
                255,
                mean,
                std);
        FloatBuffer tensor = FloatBuffer.allocate(preprocessing.elements());
        List<Runnable> ways = List.of(
                () -> preprocessing.toTensor(frame, View.CENTRE, tensor.clear()),
                () -> preprocessing.toTensor(decode(frame, format), View.CENTRE, tensor.clear()),
                () -> inAwt(frame, format, side, tensor.clear()));
        long[][] nanos = new long[ways.size()][ROUNDS];
        for (int round = -WARM; round < ROUNDS; round++) {
            for (int way = 0; way < ways.size(); way++) {
                long start = System.nanoTime();
                ways.get(way).run();
                if (round >= 0) {
                    nanos[way][round] = System.nanoTime() - start;
                }
            }
        }
        StringBuilder row = new StringBuilder("| " + width + " x " + height + " " + format + " | " + side + " |");
        for (long[] times : nanos) {
            Arrays.sort(times);
            row.append(String.format(Locale.ROOT, " %.2f ms |", times[ROUNDS / 2] / 1e6));
        }
        System.out.println(row);
    }

    /** As quick as it can be: whole numbers, and each U and V for all the pixels that share it. */
    private static Picture decode(YuvPixels frame, PixelFormat format) {
        int width = frame.width();
        int height = frame.height();
        byte[] bytes = frame.bytes();
        byte[] rgb = new byte[3 * width * height];
        int to = 0;
        for (int y = 0; y < height; y++) {
            int luma = format == PixelFormat.YUYV ? 2 * y * width : y * width;
            int chroma = format == PixelFormat.YUYV ? luma + 1 : width * height + y / 2 * width;
            for (int x = 0; x < width; x++, to += 3) {
                int at = format == PixelFormat.YUYV ? chroma + 4 * (x >> 1) : chroma + 2 * (x >> 1);
                int c = 298 * ((bytes[format == PixelFormat.YUYV ? luma + 2 * x : luma + x] & 0xFF) - 16) + 128;
                int u = (bytes[at] & 0xFF) - 128;
                int v = (bytes[format == PixelFormat.YUYV ? at + 2 : at + 1] & 0xFF) - 128;
                rgb[to] = clip((c + 409 * v) >> 8);
                rgb[to + 1] = clip((c - 100 * u - 208 * v) >> 8);
                rgb[to + 2] = clip((c + 516 * u) >> 8);
            }
        }
        return new Picture(width, height, rgb);
    }

    private static byte clip(int sample) {
        return (byte) (sample < 0 ? 0 : sample > 255 ? 255 : sample);
    }

    /** With what the JDK has: an image, drawn smaller with its bilinear interpolation (not antialiased), then copied. */
    private static void inAwt(YuvPixels frame, PixelFormat format, int side, FloatBuffer tensor) {
        Picture picture = decode(frame, format);
        byte[] rgb = picture.rgb();
        int width = picture.width();
        int height = picture.height();
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] packed = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        for (int i = 0; i < packed.length; i++) {
            packed[i] = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | rgb[3 * i + 2] & 0xFF;
        }
        BufferedImage small = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        int seen = (int) (0.875 * height);
        int left = (width - seen) / 2;
        int top = (height - seen) / 2;
        graphics.drawImage(image, 0, 0, side, side, left, top, left + seen, top + seen, null);
        graphics.dispose();
        int[] pixels = ((DataBufferInt) small.getRaster().getDataBuffer()).getData();
        float[] mean = {0.485f, 0.456f, 0.406f};
        float[] std = {0.229f, 0.224f, 0.225f};
        for (int c = 0; c < 3; c++) {
            for (int pixel : pixels) {
                tensor.put(((pixel >> 16 - 8 * c & 0xFF) / 255f - mean[c]) / std[c]);
            }
        }
    }
}
