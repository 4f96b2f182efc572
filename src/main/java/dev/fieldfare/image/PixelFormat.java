package dev.fieldfare.image;

import org.jspecify.annotations.Nullable;

/**
 * In which order the samples of a camera's frame lie in memory. One U and one V belong to two pixels beside each other, in
 * the formats with planes (all but YUYV and UYVY) also to the two below them. The names are those of V4L2; what it calls
 * YU12, all others call I420.
 */
public enum PixelFormat {
    /** Y0 U Y1 V, for two pixels; also YUY2. */
    YUYV(2, 0, 1, 3),
    /** U Y0 V Y1, for two pixels. */
    UYVY(2, 1, 0, 2),
    /** All Y, then U and V in turns. */
    NV12(1, 0, 0, 1),
    /** All Y, then V and U in turns. */
    NV21(1, 0, 1, 0),
    /** All Y, then all U, then all V. */
    I420(1, 0, 0, 1),
    /** All Y, then all V, then all U. */
    YV12(1, 0, 1, 0),
    /** Y alone. */
    GREY(1, 0, 0, 0);

    /** Longer sides would not leave room to count bytes in an int. */
    static final int MAX_SIDE = 1 << 14;

    private final int lumaStep;
    private final int lumaAt;
    /** Place of U and V among the bytes of two pixels, or, in the formats with planes, their order. */
    private final int uAt;

    private final int vAt;

    PixelFormat(int lumaStep, int lumaAt, int uAt, int vAt) {
        this.lumaStep = lumaStep;
        this.lumaAt = lumaAt;
        this.uAt = uAt;
        this.vAt = vAt;
    }

    private boolean isPacked() {
        return lumaStep == 2;
    }

    /** How many bytes a row of luma takes (of both, luma and colour, where they are packed together) without padding. */
    public int rowBytes(int width) {
        return isPacked() ? 4 * half(width) : width;
    }

    /**
     * How many bytes a frame takes.
     *
     * @param stride bytes from the start of one row of luma to that of the next, at least {@link #rowBytes}. Rows of the
     *     separate planes of U and V take half of it, rows of U and V in turns as much, both rounded up
     */
    public int frameBytes(int height, int stride) {
        int luma = stride * height;
        return switch (this) {
            case YUYV, UYVY, GREY -> luma;
            case NV12, NV21, I420, YV12 -> luma + 2 * half(stride) * half(height);
        };
    }

    Plane luma(int width, int height, int stride) {
        return new Plane(lumaAt, stride, lumaStep, width, height);
    }

    @Nullable
    Plane u(int width, int height, int stride) {
        return chroma(uAt, width, height, stride);
    }

    @Nullable
    Plane v(int width, int height, int stride) {
        return chroma(vAt, width, height, stride);
    }

    private @Nullable Plane chroma(int at, int width, int height, int stride) {
        int behindLuma = stride * height;
        return switch (this) {
            case GREY -> null;
            case YUYV, UYVY -> new Plane(at, stride, 4, half(width), height);
            case NV12, NV21 -> new Plane(behindLuma + at, 2 * half(stride), 2, half(width), half(height));
            case I420, YV12 ->
                new Plane(behindLuma + at * half(stride) * half(height), half(stride), 1, half(width), half(height));
        };
    }

    private static int half(int length) {
        return (length + 1) / 2;
    }

    /**
     * Where samples of one kind lie.
     *
     * @param offset index of the first
     * @param rowStep from one row to the next; may be negative, as may {@code step}
     * @param step from one sample to the next in a row
     */
    record Plane(int offset, int rowStep, int step, int width, int height) {
        /** The same samples turned clockwise by 0, 90, 180 or 270 degrees. */
        Plane turned(int degrees) {
            int lastRow = offset + rowStep * (height - 1);
            int lastColumn = offset + step * (width - 1);
            return switch (degrees) {
                case 0 -> this;
                case 90 -> new Plane(lastRow, step, -rowStep, height, width);
                case 180 -> new Plane(lastRow + step * (width - 1), -rowStep, -step, width, height);
                case 270 -> new Plane(lastColumn, -step, rowStep, height, width);
                default ->
                    throw new IllegalArgumentException(
                            "pixels can be turned by 0, 90, 180 or 270 degrees, not by " + degrees);
            };
        }
    }
}
