package dev.fieldfare.camera;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;

/** A hexagon with a threaded hole; now and then a lock nut with a ring of nylon in it. */
final class NutPainter implements PartPainter {
    private static final double CORNER = 0.5;
    private static final double FLAT = CORNER * Math.sqrt(3) / 2;
    private static final double HEIGHT = 0.36;
    private static final int TURNS = 7;

    @Override
    public void paint(Graphics2D graphics, Look nut) {
        double hole = nut.vary(1, 0.2, 0.27);
        Path2D hexagon = hexagon();
        Path2D face = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        face.append(hexagon, false);
        face.append(circle(hole), false);
        nut.extrude(graphics, face, HEIGHT, 0.7);
        thread(graphics, nut, hole);
        graphics.setColor(nut.tone(0.3));
        graphics.setStroke(new BasicStroke(0.012f));
        for (int corner = 0; corner < 6; corner++) {
            double x = CORNER * Math.cos(corner * Math.PI / 3);
            double y = CORNER * Math.sin(corner * Math.PI / 3);
            if (x * nut.leanX() + y * nut.leanY() > 0.02) {
                graphics.draw(new Line2D.Double(x, y, x + nut.leanX() * HEIGHT, y + nut.leanY() * HEIGHT));
            }
        }
        graphics.setPaint(nut.towardsLight(CORNER, 0.6, 1.15));
        graphics.fill(face);
        // The corners are turned off: what remains flat is a disc.
        Path2D disc = new Path2D.Double(Path2D.WIND_EVEN_ODD);
        disc.append(circle(FLAT - 0.005), false);
        disc.append(circle(hole), false);
        graphics.setPaint(nut.face(1.05));
        graphics.fill(disc);
        graphics.setStroke(new BasicStroke(0.014f));
        graphics.setPaint(nut.towardsLight(FLAT, 0.6, 1.75));
        graphics.draw(circle(FLAT - 0.01));
        if (nut.vary(2, 0, 1) < 0.2) {
            Look insert = nut.with(nut.vary(3, 0, 1) < 0.5 ? Material.BLUE_PLASTIC : Material.NYLON);
            graphics.setStroke(new BasicStroke(0.07f));
            graphics.setPaint(insert.face(1));
            graphics.draw(circle(hole + 0.035));
        }
        // The countersink.
        graphics.setStroke(new BasicStroke(0.03f));
        graphics.setPaint(nut.towardsLight(hole, 1.35, 0.35));
        graphics.draw(circle(hole + 0.01));
    }

    /** Turns of light and dark inside the hole, down to its foot. */
    private static void thread(Graphics2D graphics, Look nut, double hole) {
        graphics.setStroke(new BasicStroke(0.04f));
        for (int turn = TURNS; turn > 0; turn--) {
            graphics.setPaint(turn % 2 == 0 ? nut.towardsLight(hole, 1.1, 0.5) : nut.tone(0.34 - 0.03 * turn));
            graphics.draw(nut.foot(circle(hole - 0.012), HEIGHT * turn / TURNS));
        }
    }

    private static Path2D hexagon() {
        Path2D path = new Path2D.Double();
        path.moveTo(CORNER, 0);
        for (int corner = 1; corner < 6; corner++) {
            path.lineTo(CORNER * Math.cos(corner * Math.PI / 3), CORNER * Math.sin(corner * Math.PI / 3));
        }
        path.closePath();
        return path;
    }

    private static Ellipse2D circle(double radius) {
        return new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius);
    }
}
