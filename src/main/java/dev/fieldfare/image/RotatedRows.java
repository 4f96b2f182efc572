package dev.fieldfare.image;

/**
 * The window turned about its centre: each of its pixels is interpolated from the four nearest of the resized picture,
 * as Pillow's {@code Image.rotate} does it with {@code BILINEAR}. As much of the resized picture is held as the turned
 * window lies over: at most twice as many bytes as an upright square window has.
 */
final class RotatedRows implements WindowRows {
    private final int channels;
    private final Placement across;
    private final Placement down;
    private final double cos;
    private final double sin;
    private final Part columns;
    private final Part rows;
    private final byte[] held;
    private int first;
    private int end;

    /** What is held of the resized picture along one axis. */
    private record Part(int from, int count) {
        /** As much as lies within so far of the window's centre, and one pixel more on either side. */
        static Part around(Placement placement, double distance) {
            int from = Math.max(0, (int) Math.floor(placement.centre() - distance) - 1);
            int end = Math.min(placement.resized(), (int) Math.ceil(placement.centre() + distance) + 1);
            return new Part(from, Math.max(0, end - from));
        }

        /** Where a position of the resized picture is held; what lies beyond its edge is like the edge. */
        int index(int position) {
            return Math.clamp(position - from, 0, count - 1);
        }
    }

    /** @param degrees counter-clockwise */
    RotatedRows(
            Pixels pixels,
            int channels,
            Interpolation interpolation,
            Placement across,
            Placement down,
            double degrees) {
        this.channels = channels;
        this.across = across;
        this.down = down;
        this.cos = Math.cos(Math.toRadians(degrees));
        this.sin = Math.sin(Math.toRadians(degrees));
        double width = across.window() / 2.0;
        double height = down.window() / 2.0;
        columns = Part.around(across, Math.abs(cos) * width + Math.abs(sin) * height);
        rows = Part.around(down, Math.abs(sin) * width + Math.abs(cos) * height);
        held = new byte[columns.count() * rows.count() * channels];
        if (held.length > 0) {
            ResizedRows resized = ResizedRows.of(
                    pixels,
                    channels,
                    interpolation,
                    across.part(columns.from(), columns.count()),
                    down.part(rows.from(), rows.count()));
            byte[] line = new byte[columns.count() * channels];
            for (int y = 0; y < rows.count(); y++) {
                resized.row(y, line);
                System.arraycopy(line, 0, held, y * line.length, line.length);
            }
        }
    }

    @Override
    public void read(int y, byte[] samples) {
        first = 0;
        end = 0;
        double below = y + 0.5 - down.window() / 2.0;
        int next = 0;
        for (int x = 0; x < across.window(); x++) {
            double beside = x + 0.5 - across.window() / 2.0;
            double u = across.centre() + cos * beside - sin * below;
            double v = down.centre() + sin * beside + cos * below;
            // A line crosses a rectangle once: what shows the picture has no gaps.
            if (u >= 0 && u < across.resized() && v >= 0 && v < down.resized()) {
                if (end == 0) {
                    first = x;
                }
                end = x + 1;
                interpolate(u - 0.5, v - 0.5, samples, next);
                next += channels;
            }
        }
    }

    private void interpolate(double u, double v, byte[] samples, int to) {
        int column = (int) Math.floor(u);
        int row = (int) Math.floor(v);
        float right = (float) (u - column);
        float lower = (float) (v - row);
        int left = columns.index(column) * channels;
        int next = columns.index(column + 1) * channels;
        int upper = rows.index(row) * columns.count() * channels;
        int under = rows.index(row + 1) * columns.count() * channels;
        for (int c = 0; c < channels; c++) {
            float above = mean(held[upper + left + c], held[upper + next + c], right);
            float below = mean(held[under + left + c], held[under + next + c], right);
            samples[to + c] = (byte) (int) (above + lower * (below - above) + 0.5f);
        }
    }

    private static float mean(byte a, byte b, float share) {
        return (a & 0xFF) + share * ((b & 0xFF) - (a & 0xFF));
    }

    @Override
    public int first() {
        return first;
    }

    @Override
    public int end() {
        return end;
    }
}
