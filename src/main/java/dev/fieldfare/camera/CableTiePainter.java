package dev.fieldfare.camera;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;

/** A long thin strip, bent as it fell, with a square head at one end and a narrower tail at the other. */
final class CableTiePainter implements PartPainter {
    private static final int STEPS = 48;
    private static final int TAIL = 40;
    /** How far its centre line goes from the middle; the head needs the rest. */
    private static final double REACH = 0.46;

    @Override
    public void paint(Graphics2D graphics, Look tie) {
        Strip strip = strip(tie.vary(1, -3.6, 3.6), tie.vary(2, -2.5, 2.5));
        double width = strip.length * tie.vary(3, 0.042, 0.054);
        Path2D whole = strip.path(0, STEPS);
        Path2D body = strip.path(0, TAIL);
        // The edges of the strip, dark away from the light, then its face, its teeth and a line of light.
        stroke(graphics, whole, 0.62 * width, tie.tone(0.5));
        stroke(graphics, body, width, tie.tone(0.5));
        stroke(graphics, whole, 0.45 * width, tie.face(1));
        stroke(graphics, body, 0.8 * width, tie.face(1));
        graphics.setPaint(tie.tone(0.72));
        graphics.setStroke(new BasicStroke(
                (float) (0.4 * width),
                BasicStroke.CAP_BUTT,
                BasicStroke.JOIN_ROUND,
                1,
                new float[] {(float) (0.18 * width), (float) (0.22 * width)},
                0));
        graphics.draw(body);
        AffineTransform before = graphics.getTransform();
        graphics.translate(0.3 * width * tie.lightX(), 0.3 * width * tie.lightY());
        stroke(graphics, whole, 0.12 * width, tie.tone(1.5));
        graphics.setTransform(before);
        head(graphics, tie, strip, width);
        graphics.setTransform(before);
    }

    private static void head(Graphics2D graphics, Look tie, Strip strip, double width) {
        double half = 1.05 * width;
        graphics.translate(strip.x[0], strip.y[0]);
        graphics.rotate(Math.atan2(strip.y[1] - strip.y[0], strip.x[1] - strip.x[0]));
        RoundRectangle2D block =
                new RoundRectangle2D.Double(-1.1 * half, -half, 2.2 * half, 2 * half, 0.4 * half, 0.4 * half);
        graphics.setColor(tie.tone(0.85));
        graphics.fill(block);
        graphics.setColor(tie.tone(1.25));
        graphics.fill(new Rectangle2D.Double(-0.85 * half, -0.75 * half, 1.7 * half, 1.5 * half));
        graphics.setColor(tie.tone(0.35));
        graphics.fill(new Rectangle2D.Double(-0.4 * half, -0.5 * half, 0.65 * half, half));
        graphics.setColor(tie.tone(0.45));
        graphics.setStroke(new BasicStroke((float) (0.14 * half)));
        graphics.draw(block);
    }

    /** The centre line of length {@code length}, in the circle of diameter 1; its first point is the head. */
    private record Strip(double[] x, double[] y, double length) {
        Path2D path(int from, int to) {
            Path2D path = new Path2D.Double();
            path.moveTo(x[from], y[from]);
            for (int i = from + 1; i <= to; i++) {
                path.lineTo(x[i], y[i]);
            }
            return path;
        }
    }

    /**
     * A curve whose curvature changes evenly along its length.
     *
     * @param bend how far it turns in all, radians
     * @param swing how much more it turns in its second half than in its first, radians
     */
    private static Strip strip(double bend, double swing) {
        double[] x = new double[STEPS + 1];
        double[] y = new double[STEPS + 1];
        double heading = -bend / 2;
        for (int i = 0; i < STEPS; i++) {
            double s = (i + 0.5) / STEPS;
            heading += (bend + swing * 4 * (s - 0.5)) / STEPS;
            x[i + 1] = x[i] + Math.cos(heading) / STEPS;
            y[i + 1] = y[i] + Math.sin(heading) / STEPS;
        }
        double[] horizontal = limits(x);
        double[] vertical = limits(y);
        double reach = 0;
        for (int i = 0; i <= STEPS; i++) {
            x[i] -= (horizontal[0] + horizontal[1]) / 2;
            y[i] -= (vertical[0] + vertical[1]) / 2;
            reach = Math.max(reach, Math.hypot(x[i], y[i]));
        }
        double scale = REACH / reach;
        for (int i = 0; i <= STEPS; i++) {
            x[i] *= scale;
            y[i] *= scale;
        }
        return new Strip(x, y, scale);
    }

    private static double[] limits(double[] values) {
        double min = values[0];
        double max = values[0];
        for (double value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        return new double[] {min, max};
    }

    private static void stroke(Graphics2D graphics, Path2D path, double width, Paint paint) {
        graphics.setPaint(paint);
        graphics.setStroke(new BasicStroke((float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
        graphics.draw(path);
    }
}
