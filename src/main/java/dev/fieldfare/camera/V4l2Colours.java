package dev.fieldfare.camera;

import dev.fieldfare.image.YuvColours;

/** Which weights of YUV a driver means; the rules for its defaults are in {@code linux/videodev2.h}. */
final class V4l2Colours {
    private static final int COLORSPACE_SMPTE240M = 2;
    private static final int COLORSPACE_REC709 = 3;
    private static final int COLORSPACE_JPEG = 7;
    private static final int COLORSPACE_BT2020 = 10;
    private static final int COLORSPACE_DCI_P3 = 12;
    private static final int ENCODING_DEFAULT = 0;
    private static final int ENCODING_601 = 1;
    private static final int ENCODING_709 = 2;
    private static final int ENCODING_XV709 = 4;
    private static final int ENCODING_BT2020 = 6;
    private static final int ENCODING_BT2020_CONSTANT = 7;
    private static final int ENCODING_SMPTE240M = 8;
    private static final int QUANTIZATION_DEFAULT = 0;
    private static final int QUANTIZATION_FULL = 1;

    private V4l2Colours() {}

    /**
     * The weights of a format as the driver agreed on it.
     *
     * <p>Grey without a word on its range is taken for full range: so send it infrared cameras, and the kernel's virtual
     * one.
     */
    static YuvColours of(V4l2Device.Format format) {
        boolean grey = format.encoding() == V4l2Encoding.GREY && format.quantization() == QUANTIZATION_DEFAULT;
        return of(format.colorspace(), format.encodingOfColours(), grey ? QUANTIZATION_FULL : format.quantization());
    }

    /**
     * The weights; those of BT.2020 and SMPTE 240M, which no camera was seen to send, are taken for BT.709's, which are
     * nearest.
     */
    static YuvColours of(int colorspace, int encoding, int quantization) {
        boolean full = quantization == QUANTIZATION_DEFAULT
                ? colorspace == COLORSPACE_JPEG
                : quantization == QUANTIZATION_FULL;
        int meant = encoding == ENCODING_DEFAULT ? byDefault(colorspace) : encoding;
        boolean highDefinition = switch (meant) {
            case ENCODING_709, ENCODING_XV709, ENCODING_BT2020, ENCODING_BT2020_CONSTANT, ENCODING_SMPTE240M -> true;
            default -> false;
        };
        if (highDefinition) {
            return full ? YuvColours.BT709_FULL : YuvColours.BT709_LIMITED;
        }
        return full ? YuvColours.BT601_FULL : YuvColours.BT601_LIMITED;
    }

    private static int byDefault(int colorspace) {
        return switch (colorspace) {
            case COLORSPACE_REC709, COLORSPACE_DCI_P3 -> ENCODING_709;
            case COLORSPACE_BT2020 -> ENCODING_BT2020;
            case COLORSPACE_SMPTE240M -> ENCODING_SMPTE240M;
            default -> ENCODING_601;
        };
    }
}
