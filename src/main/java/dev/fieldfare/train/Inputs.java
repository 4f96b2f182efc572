package dev.fieldfare.train;

import java.nio.FloatBuffer;

/** What a head reads: for each view of each picture the value at the cut. Safe for several threads at once. */
interface Inputs {
    /**
     * Puts a picture's value where the buffer stands.
     *
     * @param picture its number
     * @param view 0 for the plain one, else which of the changed ones
     * @param epoch in which it is looked at; where views are drawn anew, each epoch has its own
     */
    void read(int picture, int view, int epoch, FloatBuffer into);
}
