package dev.fieldfare.image;

/** The pixels of a picture, decoded or as a camera delivers them. */
public sealed interface Pixels permits Picture, YuvPixels {
    /** Columns. */
    int width();

    /** Rows. */
    int height();

    /** The same in red, green and blue; itself where it is that already, a copy otherwise. */
    Picture toPicture();

    /**
     * The same, turned clockwise; of a camera's pixels a view of the same bytes.
     *
     * @param degrees 0, 90, 180 or 270
     * @throws IllegalArgumentException for any other angle
     */
    Pixels turned(int degrees);

    /** About how bright it is in the mean, 0 to 255: luma of some hundred places in a grid. For comparing frames. */
    double brightness();
}
