package dev.fieldfare.image;

/** A part of a resized picture, row by row, in 8 bits a sample. */
interface ResizedRows {
    /**
     * Computes a row.
     *
     * @param y from 0; rows must be asked for in order
     * @param line receives the row's samples, as many a pixel as there are channels
     */
    void row(int y, byte[] line);

    /**
     * A part of resized pixels.
     *
     * @param channels 3 for RGB, 1 for grey (ITU-R 601 luma, taken before resizing)
     */
    static ResizedRows of(Pixels pixels, int channels, Interpolation interpolation, Stretch across, Stretch down) {
        return switch (pixels) {
            case Picture picture ->
                new Resampler(picture, channels, across.taps(interpolation), down.taps(interpolation));
            case YuvPixels yuv -> new YuvRows(yuv, channels, interpolation, across, down);
        };
    }

    /**
     * What is wanted of one axis.
     *
     * @param source the length of the picture
     * @param resized what it is resized to
     * @param from where the wanted part begins in that
     * @param count how long it is
     */
    record Stretch(int source, int resized, int from, int count) {
        Resampler.Taps taps(Interpolation interpolation) {
            return new Resampler.Taps(interpolation, source, resized, from, count);
        }

        /** The same part of a plane that has one sample for {@code each} pixels. */
        Resampler.Taps taps(Interpolation interpolation, int plane, int each) {
            return new Resampler.Taps(interpolation, plane, (double) source / each / resized, from, count);
        }
    }
}
