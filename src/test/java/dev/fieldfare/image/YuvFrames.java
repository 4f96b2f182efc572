package dev.fieldfare.image;

/** Makes a camera's frames from known colours, after the formulas of the standards, in doubles. */
public final class YuvFrames {
    private YuvFrames() {}

    /** Red, green and blue of a place, 0 to 255. */
    @FunctionalInterface
    public interface Colours {
        double[] at(int x, int y);
    }

    /** A frame whose padding is noise, so that who reads it is found out. */
    public static YuvPixels encode(
            Colours colours, PixelFormat format, YuvColours encoding, int width, int height, int padding) {
        int stride = format.rowBytes(width) + padding;
        byte[] bytes = new byte[format.frameBytes(height, stride) + 3];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (97 * i);
        }
        int halfWidth = (width + 1) / 2;
        int halfHeight = (height + 1) / 2;
        int halfStride = (stride + 1) / 2;
        boolean both = format != PixelFormat.YUYV && format != PixelFormat.UYVY;
        int area = stride * height;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double luma = yuv(colours.at(x, y), encoding)[0];
                int at = switch (format) {
                    case YUYV -> y * stride + 2 * x;
                    case UYVY -> y * stride + 2 * x + 1;
                    default -> y * stride + x;
                };
                bytes[at] = (byte) Math.round(luma);
            }
        }
        for (int y = 0; y < (both ? halfHeight : height); y++) {
            for (int x = 0; x < halfWidth; x++) {
                double u = 0;
                double v = 0;
                int count = 0;
                for (int j = 0; j < (both ? 2 : 1); j++) {
                    for (int i = 0; i < 2; i++) {
                        int column = Math.min(2 * x + i, width - 1);
                        int row = Math.min((both ? 2 * y : y) + j, height - 1);
                        double[] yuv = yuv(colours.at(column, row), encoding);
                        u += yuv[1];
                        v += yuv[2];
                        count++;
                    }
                }
                int first =
                        (int) Math.round((format == PixelFormat.NV21 || format == PixelFormat.YV12 ? v : u) / count);
                int second =
                        (int) Math.round((format == PixelFormat.NV21 || format == PixelFormat.YV12 ? u : v) / count);
                switch (format) {
                    case YUYV, UYVY -> {
                        int at = y * stride + 4 * x + (format == PixelFormat.YUYV ? 1 : 0);
                        bytes[at] = (byte) first;
                        bytes[at + 2] = (byte) second;
                    }
                    case NV12, NV21 -> {
                        bytes[area + y * 2 * halfStride + 2 * x] = (byte) first;
                        bytes[area + y * 2 * halfStride + 2 * x + 1] = (byte) second;
                    }
                    case I420, YV12 -> {
                        bytes[area + y * halfStride + x] = (byte) first;
                        bytes[area + halfStride * halfHeight + y * halfStride + x] = (byte) second;
                    }
                    case GREY -> {}
                }
            }
        }
        return new YuvPixels(format, encoding, width, height, stride, bytes);
    }

    /** BT.601-7, 2.5.1 to 2.5.3, BT.709-6, 3.2 to 3.4, JFIF 1.02. */
    static double[] yuv(double[] rgb, YuvColours encoding) {
        boolean standard = encoding == YuvColours.BT601_FULL || encoding == YuvColours.BT601_LIMITED;
        boolean full = encoding == YuvColours.BT601_FULL || encoding == YuvColours.BT709_FULL;
        double red = rgb[0] / 255;
        double green = rgb[1] / 255;
        double blue = rgb[2] / 255;
        double luma =
                standard ? 0.299 * red + 0.587 * green + 0.114 * blue : 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        double u = (blue - luma) / (standard ? 1.772 : 1.8556);
        double v = (red - luma) / (standard ? 1.402 : 1.5748);
        return full
                ? new double[] {255 * luma, Math.min(255, 255 * u + 128), Math.min(255, 255 * v + 128)}
                : new double[] {219 * luma + 16, 224 * u + 128, 224 * v + 128};
    }
}
