package dev.fieldfare.report;

import java.util.List;

/**
 * A drawing with two axes, as inline SVG: it needs no script and no network, prints, and takes its colours from the
 * style sheet of the page, so that it follows the reader's light or dark scheme. Values that are not finite are left
 * out.
 */
public final class Chart {
    private static final int WIDTH = 440;
    private static final int RIGHT = 22;
    private static final int BOTTOM = 42;
    private static final int ROW = 46;
    private static final double CHARACTER = 6.4;

    private final Markup svg = new Markup();
    private final Axis x;
    private final Axis y;
    private final int left;
    private final int top;
    private final int bottom;
    private double legend;

    /** A chart of lines, bars or points. */
    public static Chart plot(String id, String title, String description, Axis x, Axis y) {
        return new Chart(id, title, description, x, y, 52, 54, 290 - BOTTOM, false);
    }

    /** A chart of horizontal bars, a row each, from the top. */
    public static Chart rows(String id, String title, String description, Axis x, int rows) {
        Axis y = new Axis("", rows, 0, List.of(), Double::toString);
        return new Chart(id, title, description, x, y, 14, 22, 22 + rows * ROW, true);
    }

    private Chart(
            String id, String title, String description, Axis x, Axis y, int left, int top, int bottom, boolean rows) {
        this.x = x;
        this.y = y;
        this.left = left;
        this.top = top;
        this.bottom = bottom;
        this.legend = left;
        int height = bottom + BOTTOM;
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 " + WIDTH + " " + height,
                "role",
                "img",
                "aria-labelledby",
                id + "-title " + id + "-text");
        svg.leaf("title", title, "id", id + "-title").leaf("desc", description, "id", id + "-text");
        for (double tick : x.ticks()) {
            if (rows) {
                path("M%s %sV%s".formatted(px(tick), n(top), n(bottom)), "grid", "");
            }
            label(x.format().apply(tick), px(tick), n(bottom + 16.0), "middle", "tick");
        }
        for (double tick : y.ticks()) {
            path("M%s %sH%s".formatted(n(left), py(tick), n(WIDTH - RIGHT)), "grid", "");
            label(y.format().apply(tick), n(left - 7.0), n(scaleY(tick) + 4), "end", "tick");
        }
        path("M%s %sH%s".formatted(n(left), n(bottom), n(WIDTH - RIGHT)), "axis", "");
        label(x.title(), n((left + WIDTH - RIGHT) / 2.0), n(bottom + 35.0), "middle", "axis-title");
        if (!y.title().isEmpty()) {
            label(y.title(), n(2), n(30), "start", "axis-title");
        }
    }

    /** A line through points, named in the legend. */
    public Chart line(String name, String style, double[] xs, double[] ys) {
        var data = new StringBuilder();
        boolean drawing = false;
        int points = 0;
        for (int i = 0; i < xs.length; i++) {
            boolean known = Double.isFinite(ys[i]);
            if (known) {
                data.append(drawing ? 'L' : 'M').append(px(xs[i])).append(' ').append(py(ys[i]));
                points++;
            }
            drawing = known;
        }
        if (points > 0) {
            path(data.toString(), "line " + style, "");
        }
        // A line of one point is invisible; of a few, their places tell more than the line.
        for (int i = 0; i < xs.length && xs.length <= 25; i++) {
            dot(xs[i], ys[i], xs.length == 1 ? 4 : 2.2, style, "");
        }
        path("M%s 10h22".formatted(n(legend)), "line " + style, "");
        label(name, n(legend + 28), n(14), "start", "legend");
        legend += 28 + CHARACTER * name.length() + 20;
        return this;
    }

    public Chart dot(double atX, double atY, double radius, String style, String hint) {
        if (Double.isFinite(atX) && Double.isFinite(atY)) {
            svg.open("circle", "cx", px(atX), "cy", py(atY), "r", n(radius), "class", "dot " + style);
            hint(hint);
            svg.close();
        }
        return this;
    }

    /** A bar that stands on the axis. */
    public Chart bar(double from, double to, double height, String style, String hint) {
        return box(scaleX(from) + 1, scaleY(height), scaleX(to) - 1, scaleY(y.low()), style, hint);
    }

    /** A piece of the bar of a row, counted from 0. */
    public Chart span(int row, double from, double to, String style, String hint) {
        double upper = top + row * ROW + 20.0;
        return box(scaleX(from), upper, scaleX(to), upper + 18, style, hint);
    }

    /** A point with the interval in which it may lie, in a row counted from 0. */
    public Chart interval(int row, double low, double middle, double high, String style, String hint) {
        double centre = row + 29.0 / ROW;
        path(
                "M%s %sH%s M%s %sv10 M%s %sv10"
                        .formatted(
                                px(low),
                                py(centre),
                                px(high),
                                px(low),
                                n(scaleY(centre) - 5),
                                px(high),
                                n(scaleY(centre) - 5)),
                "line whisker " + style,
                hint);
        return dot(middle, centre, 5.5, style, hint);
    }

    /** What a row shows, written above its bar. */
    public Chart name(int row, String text) {
        label(text, n(left), n(top + row * ROW + 14.0), "start", "row-name");
        return this;
    }

    /** A line across the chart at one place of the horizontal axis, with words at its top. */
    public Chart rule(double at, String text, String style) {
        path("M%s %sV%s".formatted(px(at), n(top), n(bottom)), "rule " + style, "");
        boolean late = scaleX(at) > WIDTH / 2.0;
        label(text, n(scaleX(at) + (late ? 3 : -3)), n(top - 7.0), late ? "end" : "start", "rule-name " + style);
        return this;
    }

    /** The line on which both axes have the same value. */
    public Chart diagonal(String text) {
        path("M%s %sL%s %s".formatted(px(x.low()), py(x.low()), px(x.high()), py(x.high())), "rule ideal", "");
        label(text, n(legend), n(14), "start", "legend");
        return this;
    }

    public String svg() {
        return svg.close().toString();
    }

    private Chart box(double from, double upper, double to, double lower, String style, String hint) {
        svg.open(
                "rect",
                "x",
                n(from),
                "y",
                n(upper),
                "width",
                n(Math.max(0, to - from)),
                "height",
                n(Math.max(0, lower - upper)),
                "class",
                "bar " + style);
        hint(hint);
        svg.close();
        return this;
    }

    private void path(String data, String style, String hint) {
        svg.open("path", "d", data, "class", style);
        hint(hint);
        svg.close();
    }

    private void hint(String text) {
        if (!text.isEmpty()) {
            svg.leaf("title", text);
        }
    }

    private void label(String text, String atX, String atY, String anchor, String style) {
        svg.leaf("text", text, "x", atX, "y", atY, "text-anchor", anchor, "class", style);
    }

    private double scaleX(double value) {
        return left + (value - x.low()) / (x.high() - x.low()) * (WIDTH - RIGHT - left);
    }

    private double scaleY(double value) {
        return bottom - (value - y.low()) / (y.high() - y.low()) * (bottom - top);
    }

    private String px(double value) {
        return n(scaleX(value));
    }

    private String py(double value) {
        return n(scaleY(value));
    }

    private static String n(double value) {
        return Markup.number(value);
    }
}
