package dev.fieldfare.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * A decoder's image to a {@link Picture}: 8-bit RGB on white, turned upright. Samples of grey and RGB images are taken
 * as they stand, without a look at gamma or colour profile, as Pillow and torchvision do, whose pictures the models
 * were trained on. 16-bit samples are scaled to 8 bits and rounded. CMYK is multiplied out, as Pillow does.
 */
final class Upright {
    private Upright() {}

    /**
     * @param image owned by the caller no more: its memory may become the picture's
     * @param orientation as Exif numbers them, 1 to 8
     * @throws IOException if the samples are neither integers of at most 16 bits nor packed into pixels
     */
    static Picture picture(BufferedImage image, int orientation) throws IOException {
        int width = image.getWidth();
        int height = image.getHeight();
        if (orientation == 1 && image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
            byte[] bytes = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
            if (bytes.length == 3L * width * height && image.getRaster().getParent() == null) {
                swapRedAndBlue(bytes);
                return new Picture(width, height, bytes);
            }
        }
        // Where pixel (x, y) goes: first + x * stepX + y * stepY, in pixels of the upright picture.
        boolean turned = orientation >= 5;
        int right = turned ? height : 1;
        int down = turned ? 1 : width;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int first = (fromRight ? (width - 1) * right : 0) + (fromBottom ? (height - 1) * down : 0);
        int stepX = fromRight ? -right : right;
        int stepY = fromBottom ? -down : down;

        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        byte[] line = new byte[3 * width];
        RowReader rows = rowReader(image);
        for (int y = 0; y < height; y++) {
            rows.read(y, line);
            int to = 3 * (first + y * stepY);
            for (int x = 0; x < line.length; x += 3, to += 3 * stepX) {
                rgb[to] = line[x];
                rgb[to + 1] = line[x + 1];
                rgb[to + 2] = line[x + 2];
            }
        }
        return turned ? new Picture(height, width, rgb) : new Picture(width, height, rgb);
    }

    private static void swapRedAndBlue(byte[] bytes) {
        for (int i = 0; i < bytes.length; i += 3) {
            byte blue = bytes[i];
            bytes[i] = bytes[i + 2];
            bytes[i + 2] = blue;
        }
    }

    /** Writes one row of the image as RGB bytes. */
    private interface RowReader {
        void read(int y, byte[] line);
    }

    private static RowReader rowReader(BufferedImage image) throws IOException {
        Raster raster = image.getRaster();
        ColorModel colours = image.getColorModel();
        if (colours instanceof IndexColorModel palette) {
            return paletteRows(raster, palette);
        }
        if (!(colours instanceof ComponentColorModel)) {
            return anyRows(raster, colours);
        }
        boolean bytes = raster.getTransferType() == DataBuffer.TYPE_BYTE;
        if (!bytes && raster.getTransferType() != DataBuffer.TYPE_USHORT) {
            throw new IOException("its samples are not integers of at most 16 bits, which is not supported");
        }
        int bits = colours.getComponentSize(0);
        if (isGreyOrRgb(colours) && !colours.isAlphaPremultiplied() && bits == (bytes ? 8 : 16)) {
            return bytes ? byteRows(raster, colours) : shortRows(raster, colours);
        }
        boolean cmyk = colours.getColorSpace().getType() == ColorSpace.TYPE_CMYK;
        return cmyk && bytes && raster.getNumBands() == 4 ? cmykRows(raster) : anyRows(raster, colours);
    }

    private static boolean isGreyOrRgb(ColorModel colours) {
        int type = colours.getColorSpace().getType();
        return (type == ColorSpace.TYPE_GRAY && colours.getNumColorComponents() == 1)
                || (type == ColorSpace.TYPE_RGB && colours.getNumColorComponents() == 3);
    }

    private static RowReader paletteRows(Raster raster, IndexColorModel palette) {
        int width = raster.getWidth();
        // An index beyond the palette's end is a fault of the file; it becomes white.
        int[] argb = new int[Math.max(1 << palette.getPixelSize(), palette.getMapSize())];
        palette.getRGBs(argb);
        int[] indices = new int[width];
        return (y, line) -> {
            raster.getSamples(0, y, width, 1, 0, indices);
            for (int x = 0; x < width; x++) {
                putArgb(line, 3 * x, argb[indices[x]]);
            }
        };
    }

    private static RowReader byteRows(Raster raster, ColorModel colours) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int green = colours.getNumColorComponents() == 3 ? 1 : 0;
        boolean alpha = colours.hasAlpha();
        byte[] samples = new byte[width * bands];
        return (y, line) -> {
            raster.getDataElements(0, y, width, 1, samples);
            for (int x = 0, from = 0; x < line.length; x += 3, from += bands) {
                int opacity = alpha ? samples[from + bands - 1] & 0xFF : 255;
                line[x] = onWhite(samples[from] & 0xFF, opacity);
                line[x + 1] = onWhite(samples[from + green] & 0xFF, opacity);
                line[x + 2] = onWhite(samples[from + 2 * green] & 0xFF, opacity);
            }
        };
    }

    private static RowReader shortRows(Raster raster, ColorModel colours) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int green = colours.getNumColorComponents() == 3 ? 1 : 0;
        boolean alpha = colours.hasAlpha();
        short[] samples = new short[width * bands];
        return (y, line) -> {
            raster.getDataElements(0, y, width, 1, samples);
            for (int x = 0, from = 0; x < line.length; x += 3, from += bands) {
                int opacity = alpha ? eightBits(samples[from + bands - 1]) : 255;
                line[x] = onWhite(eightBits(samples[from]), opacity);
                line[x + 1] = onWhite(eightBits(samples[from + green]), opacity);
                line[x + 2] = onWhite(eightBits(samples[from + 2 * green]), opacity);
            }
        };
    }

    private static RowReader cmykRows(Raster raster) {
        int width = raster.getWidth();
        byte[] samples = new byte[width * 4];
        return (y, line) -> {
            raster.getDataElements(0, y, width, 1, samples);
            for (int x = 0; x < width; x++) {
                int light = 255 - (samples[4 * x + 3] & 0xFF);
                for (int c = 0; c < 3; c++) {
                    line[3 * x + c] = (byte) (((255 - (samples[4 * x + c] & 0xFF)) * light + 127) / 255);
                }
            }
        };
    }

    /** Packed pixels and what else is rare: the colour model knows best. */
    private static RowReader anyRows(Raster raster, ColorModel colours) {
        int width = raster.getWidth();
        return (y, line) -> {
            for (int x = 0; x < width; x++) {
                putArgb(line, 3 * x, colours.getRGB(raster.getDataElements(x, y, null)));
            }
        };
    }

    private static void putArgb(byte[] line, int to, int argb) {
        int opacity = argb >>> 24;
        line[to] = onWhite((argb >> 16) & 0xFF, opacity);
        line[to + 1] = onWhite((argb >> 8) & 0xFF, opacity);
        line[to + 2] = onWhite(argb & 0xFF, opacity);
    }

    private static int eightBits(short sample) {
        return ((sample & 0xFFFF) + 128) / 257;
    }

    private static byte onWhite(int value, int opacity) {
        return (byte) (opacity == 255 ? value : (value * opacity + 255 * (255 - opacity) + 127) / 255);
    }
}
