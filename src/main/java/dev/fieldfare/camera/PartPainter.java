package dev.fieldfare.camera;

import java.awt.Graphics2D;

/** Draws one kind of part, without state. */
@FunctionalInterface
interface PartPainter {
    /**
     * @param graphics transparent canvas, to be drawn on within -0.5 and 0.5 in both directions: the part's longest
     *     extent is 1, and long parts lie along the x axis. Antialiasing is on
     * @param look what this one is made of and how the light falls on it
     */
    void paint(Graphics2D graphics, Look look);
}
