package dev.fieldfare.camera;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.LinearGradientPaint;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.util.List;

/**
 * How one part looks, in the part's own coordinates. A tone is a lightness: 0 is black, 1 the material's own colour, 2
 * white.
 *
 * @param lightX to the light, a vector of length 1
 * @param leanX where the foot of something of height 1 is seen, relative to its top
 * @param variation fractions, 0 to 1
 */
record Look(Material material, double lightX, double lightY, double leanX, double leanY, List<Double> variation) {
    private static final int LAYERS = 6;

    /** The variation of this index, within two limits. */
    double vary(int index, double min, double max) {
        return min + variation.get(index) * (max - min);
    }

    /** The variation of this index as one of {@code n} choices. */
    int choose(int index, int n) {
        return (int) (variation.get(index) * n);
    }

    Look with(Material other) {
        return new Look(other, lightX, lightY, leanX, leanY, variation);
    }

    Color tone(double tone) {
        return material.tone(tone);
    }

    /** Light that falls on a flat face: a gentle slope, steeper on metal. */
    Paint face(double tone) {
        double slope = material.metal() ? 0.3 : 0.1;
        return towardsLight(0.5, tone - slope, tone + slope);
    }

    /** From one tone on the far side to another one at the light, for something of this radius round the origin. */
    Paint towardsLight(double radius, double far, double near) {
        return new LinearGradientPaint(
                point(-lightX * radius, -lightY * radius),
                point(lightX * radius, lightY * radius),
                new float[] {0, 1},
                new Color[] {tone(far), tone(near)});
    }

    /** A round bar along the x axis with its highlight where the light stands. */
    Paint bar(double radius) {
        float shine = (float) (0.5 + 0.27 * lightY);
        boolean metal = material.metal();
        return new LinearGradientPaint(
                point(0, -radius),
                point(0, radius),
                new float[] {0, shine - 0.2f, shine, shine + 0.2f, 1},
                new Color[] {
                    tone(metal ? 0.35 : 0.55), tone(1), tone(metal ? 1.75 : 1.35), tone(metal ? 0.9 : 1), tone(0.4)
                });
    }

    /** The walls under a face: the face again, layer by layer, to where its foot is seen. */
    void extrude(Graphics2D graphics, Shape face, double height, double tone) {
        for (int layer = LAYERS; layer > 0; layer--) {
            graphics.setColor(tone(tone * (1.1 - 0.4 * layer / LAYERS)));
            graphics.fill(foot(face, height * layer / LAYERS));
        }
    }

    /** The face, moved to where it is seen so much farther down. */
    Shape foot(Shape face, double depth) {
        return AffineTransform.getTranslateInstance(leanX * depth, leanY * depth)
                .createTransformedShape(face);
    }

    private static Point2D point(double x, double y) {
        return new Point2D.Double(x, y);
    }
}
