package dev.fieldfare.camera;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** A screw that lies on its side: a head with a slot, a cross or six sides, and a shaft with a thread to its end. */
final class ScrewPainter implements PartPainter {
    private static final double LEFT = -0.5;
    private static final double RIGHT = 0.5;
    /** How much of the head's top is seen, as a fraction of its radius. */
    private static final double TOP = 0.3;

    @Override
    public void paint(Graphics2D graphics, Look screw) {
        double shaft = screw.vary(1, 0.06, 0.085);
        double head = shaft * screw.vary(2, 1.75, 2.1);
        double neck = LEFT + screw.vary(3, 0.14, 0.2);
        double thread = neck + (screw.vary(4, 0, 1) < 0.4 ? 0.22 : 0.02);
        double taper = screw.vary(5, 0, 1) < 0.45 ? 0.2 : 0.03;
        double tip = taper > 0.1 ? 0.02 : 0.85;
        shaft(graphics, screw, new Shaft(shaft, neck, thread, screw.vary(6, 0.05, 0.068), RIGHT - taper, tip));
        head(graphics, screw, head, shaft, neck, screw.choose(7, 4), screw.choose(8, 2));
    }

    /**
     * @param radius of the crests
     * @param neck where the shaft leaves the head
     * @param thread where the thread begins
     * @param pitch length of one turn
     * @param taper from where on the shaft narrows
     * @param tip what remains of the radius at the end, as a fraction
     */
    private record Shaft(double radius, double neck, double thread, double pitch, double taper, double tip) {
        double radiusAt(double x) {
            return x <= taper ? radius : radius * (1 - (1 - tip) * (x - taper) / (RIGHT - taper));
        }
    }

    private static void shaft(Graphics2D graphics, Look look, Shaft shaft) {
        Path2D outline = new Path2D.Double();
        double root = 0.78;
        outline.moveTo(shaft.neck - 0.02, -shaft.radius * 0.86);
        outline.lineTo(shaft.thread, -shaft.radius * 0.86);
        int turns = (int) Math.ceil((RIGHT - shaft.thread) / shaft.pitch);
        for (int i = 0; i < turns; i++) {
            double crest = Math.min(RIGHT, shaft.thread + (i + 0.5) * shaft.pitch);
            double valley = Math.min(RIGHT, shaft.thread + (i + 1) * shaft.pitch);
            outline.lineTo(crest, -shaft.radiusAt(crest));
            outline.lineTo(valley, -shaft.radiusAt(valley) * root);
        }
        for (int i = turns - 1; i >= 0; i--) {
            double crest = Math.min(RIGHT, shaft.thread + (i + 1) * shaft.pitch);
            double valley = Math.min(RIGHT, shaft.thread + (i + 0.5) * shaft.pitch);
            outline.lineTo(crest, shaft.radiusAt(crest));
            outline.lineTo(valley, shaft.radiusAt(valley) * root);
        }
        outline.lineTo(shaft.thread, shaft.radius * 0.86);
        outline.lineTo(shaft.neck - 0.02, shaft.radius * 0.86);
        outline.closePath();
        graphics.setPaint(look.bar(shaft.radius));
        graphics.fill(outline);
        for (int i = 0; i < turns; i++) {
            double top = shaft.thread + i * shaft.pitch;
            double bottom = top + shaft.pitch / 2;
            if (bottom < RIGHT) {
                flank(graphics, look, shaft, top, bottom, 0.4, 0.38);
                flank(graphics, look, shaft, top + shaft.pitch * 0.4, bottom + shaft.pitch * 0.4, 1.5, 0.16);
            }
        }
    }

    private static void flank(
            Graphics2D graphics, Look look, Shaft shaft, double top, double bottom, double tone, double width) {
        graphics.setColor(look.tone(tone));
        graphics.setStroke(
                new BasicStroke((float) (width * shaft.pitch), BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
        double right = Math.min(RIGHT, bottom);
        graphics.draw(new Line2D.Double(top, -0.8 * shaft.radiusAt(top), right, 0.8 * shaft.radiusAt(right)));
    }

    private static void head(
            Graphics2D graphics, Look look, double radius, double shaft, double neck, int form, int drive) {
        double top = LEFT + TOP * radius;
        Path2D body = new Path2D.Double();
        body.moveTo(top, -radius);
        switch (form) {
            case 0 -> { // countersunk
                body.lineTo(top + 0.02, -radius);
                body.lineTo(neck, -shaft);
                body.lineTo(neck, shaft);
                body.lineTo(top + 0.02, radius);
            }
            case 1 -> { // pan
                body.curveTo(neck - 0.02, -radius, neck, -radius, neck, -radius * 0.95);
                body.lineTo(neck, radius * 0.95);
                body.curveTo(neck, radius, neck - 0.02, radius, top, radius);
            }
            default -> { // cylinder and hexagon
                body.lineTo(neck, -radius);
                body.lineTo(neck, radius);
                body.lineTo(top, radius);
            }
        }
        body.closePath();
        graphics.setPaint(look.bar(radius));
        graphics.fill(body);
        AffineTransform before = graphics.getTransform();
        graphics.translate(top, 0);
        if (form == 3) {
            sides(graphics, look, radius, neck - top);
            graphics.scale(TOP, 1);
            hexagonTop(graphics, look, radius);
        } else {
            graphics.scale(TOP, 1);
            graphics.setPaint(look.face(1.15));
            graphics.fill(circle(radius));
            graphics.setColor(look.tone(0.15));
            graphics.fill(new Rectangle2D.Double(-0.16 * radius, -0.75 * radius, 0.32 * radius, 1.5 * radius));
            if (drive == 1) {
                graphics.fill(new Rectangle2D.Double(-0.75 * radius, -0.16 * radius, 1.5 * radius, 0.32 * radius));
            }
        }
        graphics.setTransform(before);
    }

    /** Two of the hexagon's edges along its sides; the flats between them shine differently. */
    private static void sides(Graphics2D graphics, Look look, double radius, double depth) {
        double[] edges = {-radius, -radius / 2, radius / 2, radius};
        double[] tones = look.lightY() < 0 ? new double[] {1.4, 1.05, 0.55} : new double[] {0.55, 1.05, 1.4};
        for (int i = 0; i < 3; i++) {
            graphics.setColor(look.tone(tones[i]));
            graphics.fill(new Rectangle2D.Double(0, edges[i], depth, edges[i + 1] - edges[i]));
        }
        graphics.setColor(look.tone(0.35));
        graphics.setStroke(new BasicStroke(0.01f));
        graphics.draw(new Line2D.Double(0, -radius / 2, depth, -radius / 2));
        graphics.draw(new Line2D.Double(0, radius / 2, depth, radius / 2));
    }

    private static void hexagonTop(Graphics2D graphics, Look look, double radius) {
        Path2D hexagon = new Path2D.Double();
        hexagon.moveTo(0, radius);
        for (int corner = 1; corner < 6; corner++) {
            hexagon.lineTo(radius * Math.sin(corner * Math.PI / 3), radius * Math.cos(corner * Math.PI / 3));
        }
        hexagon.closePath();
        graphics.setPaint(look.face(1.1));
        graphics.fill(hexagon);
        graphics.setColor(look.tone(0.5));
        graphics.draw(circle(0.84 * radius));
    }

    private static Ellipse2D circle(double radius) {
        return new Ellipse2D.Double(-radius, -radius, 2 * radius, 2 * radius);
    }
}
