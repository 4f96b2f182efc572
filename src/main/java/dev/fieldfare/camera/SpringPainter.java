package dev.fieldfare.camera;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Path2D;

/** A coil spring from the side: the strands behind are dark, those in front shine; some end in hooks. */
final class SpringPainter implements PartPainter {
    /** Where the control points of a Bézier curve lie that follows half a period of a cosine. */
    private static final double COSINE = 0.3642;

    @Override
    public void paint(Graphics2D graphics, Look wire) {
        boolean hooks = wire.vary(1, 0, 1) < 0.35;
        double radius = wire.vary(2, 0.12, 0.19);
        int turns = 5 + wire.choose(3, hooks ? 5 : 4);
        double hook = radius * 0.75;
        double left = hooks ? -0.48 + 2 * hook : -0.46;
        double pitch = -2 * left / turns;
        double thickness = Math.min(wire.vary(4, 0.036, 0.05), 0.5 * pitch);
        Path2D behind = new Path2D.Double();
        Path2D front = new Path2D.Double();
        for (int i = 0; i < turns; i++) {
            double x = left + i * pitch;
            strand(front, x, -radius, x + pitch / 2, radius);
            strand(behind, x + pitch / 2, radius, x + pitch, -radius);
        }
        // Ground flat: the last turns lie close to the end.
        if (!hooks) {
            strand(behind, left - 0.01, radius, left, -radius);
            strand(front, -left, -radius, -left + 0.01, radius);
        }
        tube(graphics, wire, behind, thickness, wire.tone(0.2), wire.tone(0.5), wire.tone(0.75));
        if (hooks) {
            Path2D ends = new Path2D.Double();
            ends.append(new Arc2D.Double(left - 2 * hook, -hook, 2 * hook, 2 * hook, 20, 290, Arc2D.OPEN), false);
            ends.append(new Arc2D.Double(-left, -hook, 2 * hook, 2 * hook, 200, 290, Arc2D.OPEN), false);
            tube(graphics, wire, ends, thickness, wire.tone(0.35), wire.tone(1), wire.tone(1.6));
        }
        tube(graphics, wire, front, thickness, wire.tone(0.25), wire.bar(radius * 1.3), wire.tone(1.8));
    }

    private static void strand(Path2D path, double x0, double y0, double x1, double y1) {
        double reach = COSINE * (x1 - x0);
        path.moveTo(x0, y0);
        path.curveTo(x0 + reach, y0, x1 - reach, y1, x1, y1);
    }

    private static void tube(
            Graphics2D graphics, Look look, Path2D path, double thickness, Paint edge, Paint body, Paint shine) {
        stroke(graphics, path, thickness, edge);
        stroke(graphics, path, 0.72 * thickness, body);
        AffineTransform before = graphics.getTransform();
        graphics.translate(0.15 * thickness * look.lightX(), 0.15 * thickness * look.lightY());
        stroke(graphics, path, 0.22 * thickness, shine);
        graphics.setTransform(before);
    }

    private static void stroke(Graphics2D graphics, Path2D path, double width, Paint paint) {
        graphics.setPaint(paint);
        graphics.setStroke(new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(path);
    }
}
