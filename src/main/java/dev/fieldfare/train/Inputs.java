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

    /** Puts a row of a batch where the buffer stands: a picture's value, or a mix of two. */
    default void read(Batch batch, int row, FloatBuffer into) {
        int begin = into.position();
        read(batch.pictures()[row], batch.views()[row], batch.epoch(), into);
        Batch.Partner partner = batch.partners().get(row);
        if (partner != null) {
            FloatBuffer other = FloatBuffer.allocate(into.position() - begin);
            read(partner.picture(), partner.view(), batch.epoch(), other);
            partner.mix().into(into.duplicate().flip().position(begin), other.flip());
        }
    }
}
