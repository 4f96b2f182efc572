package dev.fieldfare.camera;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/** A flat ring; now and then a split lock washer. */
final class WasherPainter implements PartPainter {
    private static final double RADIUS = 0.49;
    private static final double THICKNESS = 0.09;
    private static final int SHEENS = 8;

    @Override
    public void paint(Graphics2D graphics, Look ring) {
        double hole = RADIUS * ring.vary(1, 0.36, 0.66);
        double gap = ring.vary(2, 0, 1) < 0.15 ? 14 : 0;
        double start = ring.vary(3, 0, 360);
        Path2D face = ring(hole, start, gap);
        ring.extrude(graphics, face, THICKNESS, 0.6);
        graphics.setPaint(ring.face(0.95));
        graphics.fill(face);
        if (ring.material().metal()) {
            sheen(graphics, ring, hole, start, gap);
        }
        // The outer edge is rounded and catches the light on the near side, the edge of the hole on the far side.
        graphics.setStroke(new BasicStroke(0.022f));
        graphics.setPaint(ring.towardsLight(RADIUS, 0.5, 1.7));
        graphics.draw(arc(RADIUS - 0.011, start, gap));
        graphics.setPaint(ring.towardsLight(hole, 1.5, 0.4));
        graphics.draw(arc(hole + 0.011, start, gap));
    }

    /** Turning leaves rings on the face, which shine along two opposite sectors. */
    private static void sheen(Graphics2D graphics, Look look, double hole, double start, double gap) {
        double middle = Math.toDegrees(Math.atan2(-look.lightY(), look.lightX())) + look.vary(4, 30, 60);
        graphics.setStroke(
                new BasicStroke((float) (RADIUS - hole - 0.03), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
        double radius = (RADIUS + hole) / 2;
        Color bright = look.tone(1.8);
        graphics.setColor(new Color(bright.getRed(), bright.getGreen(), bright.getBlue(), 20));
        for (int side = 0; side < 2; side++) {
            for (int i = 1; i <= SHEENS; i++) {
                double from = middle + 180 * side - 7 * i;
                double gapFromHere = Math.floorMod((long) (start - gap / 2 - from), 360L);
                if (gap == 0 || gapFromHere > 14 * i) {
                    graphics.draw(new Arc2D.Double(-radius, -radius, 2 * radius, 2 * radius, from, 14 * i, Arc2D.OPEN));
                }
            }
        }
    }

    private static Path2D ring(double hole, double start, double gap) {
        Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        if (gap == 0) {
            path.append(new Ellipse2D.Double(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS), false);
            path.append(new Ellipse2D.Double(-hole, -hole, 2 * hole, 2 * hole), false);
        } else {
            path.append(arc(RADIUS, start, gap), false);
            // The inner arc comes back a little earlier: the cut is slanted.
            path.append(
                    new Arc2D.Double(
                            -hole, -hole, 2 * hole, 2 * hole, start + 360 - 2 * gap, gap * 1.5 - 360, Arc2D.OPEN),
                    true);
            path.closePath();
        }
        return path;
    }

    private static Arc2D arc(double radius, double start, double gap) {
        return new Arc2D.Double(-radius, -radius, 2 * radius, 2 * radius, start, 360 - gap, Arc2D.OPEN);
    }
}
