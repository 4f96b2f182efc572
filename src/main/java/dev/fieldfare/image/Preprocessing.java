package dev.fieldfare.image;

import dev.fieldfare.FieldfareException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * From a picture to a model's input: the one preprocessing for training and for use. What a model was trained with, it
 * must be used with, so a model's card carries this record.
 *
 * <p>First a canvas is made of the picture, as {@code resize} says, at {@code 1 / crop} times the size of the input;
 * then a window of {@code height} x {@code width} is cut from it, where the {@link View} says, and each sample becomes
 * {@code (sample / scale - mean[c]) / std[c]}, computed in single precision.
 *
 * @param height of the input in pixels, at least 1
 * @param width of the input in pixels, at least 1
 * @param layout the order of the tensor's axes
 * @param colour the tensor's channels
 * @param resize how the picture is fitted to the canvas
 * @param crop how much of the canvas' length the window has, 0.01 to 1
 * @param interpolation how the picture is resized; antialiased
 * @param scale what samples of 0 to 255 are divided by, above 0
 * @param mean what is subtracted then, one for each channel in the order in which the channels stand in the tensor: for
 *     {@link Colour#BGR}, blue first
 * @param std what is divided by at last, in the same order, each above 0
 */
public record Preprocessing(
        int height,
        int width,
        Layout layout,
        Colour colour,
        Resize resize,
        double crop,
        Interpolation interpolation,
        double scale,
        List<Double> mean,
        List<Double> std) {

    /** The order of a tensor's axes: N pictures, C channels, H rows, W columns. */
    public enum Layout {
        NCHW,
        NHWC
    }

    /** What a tensor's channels are, in order. */
    public enum Colour {
        RGB,
        BGR,
        /** One channel: luma after ITU-R 601, as Pillow's {@code convert("L")}. */
        GRAY
    }

    /** How a picture is fitted to the canvas that the window is cut from. */
    public enum Resize {
        /** Keeps the aspect ratio and covers: the short side fits, the long side is cut. */
        SHORT_SIDE,
        /** Fits both sides, whatever the aspect ratio. */
        STRETCH,
        /** Keeps the aspect ratio and shows all: the long side fits, the rest is the mean colour (zero). */
        LETTERBOX
    }

    /** Pixels, as 2048 x 2048 has. A model's card comes from a stranger, and a picture of so many takes 50 MB as floats. */
    private static final int MOST_PIXELS = 1 << 22;

    /** An input that is a hundredth of its canvas. Less would ask for pictures of more pixels than can be counted. */
    private static final double LEAST_CROP = 0.01;

    /** @throws FieldfareException if a value is out of range; the message names the model card's key */
    public Preprocessing {
        require(height >= 1 && height <= 1 << 14, "input.size", "a height of 1 to 16384 pixels", height);
        require(width >= 1 && width <= 1 << 14, "input.size", "a width of 1 to 16384 pixels", width);
        require(
                (long) height * width <= MOST_PIXELS,
                "input.size",
                "at most " + MOST_PIXELS + " pixels in all",
                height + " x " + width);
        require(crop >= LEAST_CROP && crop <= 1, "input.crop", "a number of " + LEAST_CROP + " to 1", crop);
        require(scale > 0 && scale < Double.POSITIVE_INFINITY, "normalize.scale", "a number above 0", scale);
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        int channels = channels(colour);
        String numbers = channels == 1 ? "one number" : channels + " numbers, one for each channel of " + colour;
        require(mean.size() == channels && mean.stream().allMatch(Double::isFinite), "normalize.mean", numbers, mean);
        require(
                std.size() == channels && std.stream().allMatch(s -> s > 0 && Double.isFinite(s)),
                "normalize.std",
                numbers + ", above 0",
                std);
    }

    private static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new FieldfareException(
                    key + " must be " + expected + ", but is " + found + ". Correct it in the model's card.");
        }
    }

    private static int channels(Colour colour) {
        return colour == Colour.GRAY ? 1 : 3;
    }

    /** 3, or 1 for {@link Colour#GRAY}. */
    public int channels() {
        return channels(colour);
    }

    /** How many floats the tensor of one picture has. */
    public int elements() {
        return height * width * channels();
    }

    /** The shape of the tensor of one picture, with a leading 1: {@code [1, C, H, W]} or {@code [1, H, W, C]}. */
    public long[] shape() {
        return layout == Layout.NCHW
                ? new long[] {1, channels(), height, width}
                : new long[] {1, height, width, channels()};
    }

    /** What to ask {@link PictureReader} for: with it, a view of zoom up to 2 still has a pixel for each it shows. */
    public int wantedShortSide() {
        return (int) Math.ceil(Math.max(height, width) / crop);
    }

    /**
     * Writes one look at a picture as a tensor, {@link #elements()} floats from the buffer's position on, and moves the
     * position behind them, so that the pictures of a batch follow each other.
     *
     * <p>The canvas is as many times as large as {@link #resize()} asks for as the view's window says, its sides rounded
     * to whole pixels; the window begins at {@code floor(x * (canvas width - width))}, and likewise downwards. A turned
     * view shows what lies under the turned window, a mirrored one then swaps left and right. What the view hides, in
     * the window as the model sees it, is zero, and so is what lies outside of the picture.
     *
     * @throws IllegalArgumentException if the buffer has less room than that
     */
    public void toTensor(Pixels pixels, View view, FloatBuffer out) {
        if (out.remaining() < elements()) {
            throw new IllegalArgumentException("a picture's tensor of " + Arrays.toString(shape()) + " needs "
                    + elements() + " floats of room, the buffer has " + out.remaining());
        }
        View.Window window = view.window();
        double zoomAcross = window.zoomAcross();
        double zoomDown = window.zoomDown();
        int pictureWidth = pixels.width();
        int pictureHeight = pixels.height();
        double byWidth = width / crop / pictureWidth;
        double byHeight = height / crop / pictureHeight;
        double factorAcross = byWidth;
        double factorDown = byHeight;
        if (resize != Resize.STRETCH) {
            factorAcross = resize == Resize.SHORT_SIDE ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight);
            factorDown = factorAcross;
        }
        double across = pictureWidth * (factorAcross * zoomAcross);
        double down = pictureHeight * (factorDown * zoomDown);
        if (resize == Resize.LETTERBOX) {
            write(
                    pixels,
                    Placement.inside(pictureWidth, across, pictureWidth * (byWidth * zoomAcross), width, window.x()),
                    Placement.inside(pictureHeight, down, pictureHeight * (byHeight * zoomDown), height, window.y()),
                    view,
                    out);
        } else {
            write(
                    pixels,
                    Placement.cover(pictureWidth, across, width, window.x()),
                    Placement.cover(pictureHeight, down, height, window.y()),
                    view,
                    out);
        }
    }

    /** The share of a picture's pixels that a box covers, 0 to 1. */
    public double covered(View.Box box) {
        return (double) box.pixels(width, height).count() / (width * height);
    }

    /**
     * Copies a part of one prepared picture over that of another, each from its buffer's position on; positions stay.
     *
     * @param box the part
     */
    public void paste(View.Box box, FloatBuffer from, FloatBuffer to) {
        View.Pixels pixels = box.pixels(width, height);
        int pixelSize = layout == Layout.NCHW ? 1 : channels();
        int planes = channels() / pixelSize;
        int count = (pixels.right() - pixels.left()) * pixelSize;
        for (int plane = 0; plane < planes; plane++) {
            for (int y = pixels.top(); y < pixels.bottom(); y++) {
                int start = ((plane * height + y) * width + pixels.left()) * pixelSize;
                to.put(to.position() + start, from, from.position() + start, count);
            }
        }
    }

    private void write(Pixels pixels, Placement across, Placement down, View view, FloatBuffer out) {
        int channels = channels();
        int pixelStep = layout == Layout.NCHW ? 1 : channels;
        int channelStep = layout == Layout.NCHW ? width : 1;
        WindowRows rows = view.degrees() == 0
                ? WindowRows.straight(pixels, channels, interpolation, across, down)
                : new RotatedRows(pixels, channels, interpolation, across, down, view.degrees());
        boolean recolour = !view.colour().equals(ColourChange.NONE);
        float[][] values = values();
        byte[] samples = new byte[width * channels];
        float[] line = new float[width * channels];
        for (int y = 0; y < height; y++) {
            Arrays.fill(line, 0);
            rows.read(y, samples);
            int count = (rows.end() - rows.first()) * channels;
            if (recolour) {
                view.colour().apply(samples, count, channels);
            }
            int step = view.mirrored() ? -pixelStep : pixelStep;
            int start = (view.mirrored() ? width - 1 - rows.first() : rows.first()) * pixelStep;
            for (int c = 0; c < channels; c++) {
                float[] table = values[c];
                int to = start + c * channelStep;
                for (int from = colour == Colour.BGR ? 2 - c : c; from < count; from += channels) {
                    line[to] = table[samples[from] & 0xFF];
                    to += step;
                }
            }
            hide(view, y, line, pixelStep, channelStep);
            put(line, y, out);
        }
        out.position(out.position() + elements());
    }

    /** What each 8-bit sample becomes, for each channel; in floats throughout, as NumPy and PyTorch compute it. */
    private float[][] values() {
        float[][] values = new float[channels()][256];
        for (int c = 0; c < values.length; c++) {
            float channelMean = mean.get(c).floatValue();
            float channelStd = std.get(c).floatValue();
            for (int sample = 0; sample < 256; sample++) {
                values[c][sample] = (sample / (float) scale - channelMean) / channelStd;
            }
        }
        return values;
    }

    private void hide(View view, int y, float[] line, int pixelStep, int channelStep) {
        for (View.Box box : view.hidden()) {
            View.Pixels pixels = box.pixels(width, height);
            if (y < pixels.top() || y >= pixels.bottom()) {
                continue;
            }
            for (int x = pixels.left(); x < pixels.right(); x++) {
                for (int c = 0; c < channels(); c++) {
                    line[x * pixelStep + c * channelStep] = 0;
                }
            }
        }
    }

    private void put(float[] line, int y, FloatBuffer out) {
        if (layout == Layout.NHWC) {
            out.put(out.position() + y * line.length, line);
            return;
        }
        for (int c = 0; c < channels(); c++) {
            out.put(out.position() + (c * height + y) * width, line, c * width, width);
        }
    }
}
