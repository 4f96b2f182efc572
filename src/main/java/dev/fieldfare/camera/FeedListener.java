package dev.fieldfare.camera;

import java.time.Duration;

/** Hears what happens to a camera, on the camera's own thread: quickly, please. */
public interface FeedListener {
    FeedListener SILENT = new FeedListener() {};

    /**
     * The first frame came.
     *
     * @param again whether the camera was lost before
     */
    default void opened(String camera, boolean again) {}

    /** The exposure is steady, or the time for that is over: from now on frames are given. */
    default void settled(String camera, int framesDropped) {}

    /** The camera failed, or could not be opened. */
    default void lost(String camera, String reason, Duration retryIn) {}

    /** There will be no more frames. */
    default void ended(String camera) {}
}
