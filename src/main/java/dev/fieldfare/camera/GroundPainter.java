package dev.fieldfare.camera;

/** Draws the grounds, pixel by pixel. */
final class GroundPainter {
    private GroundPainter() {}

    /** The colour of a ground at a place: red, green and blue from 0 to 255 in sRGB, as {@code 0xRRGGBB}. */
    @FunctionalInterface
    private interface Surface {
        int at(double u, double v);
    }

    /**
     * @param rgb receives {@code width * height} pixels as {@code 0xRRGGBB}, row by row from the top left
     */
    static void paint(Scene.Base base, int width, int height, int[] rgb) {
        double unit = base.zoom() / Math.min(width, height);
        Surface surface = surface(base.ground(), base.tone(), unit);
        double du = Math.cos(base.angle()) * unit;
        double dv = Math.sin(base.angle()) * unit;
        for (int y = 0; y < height; y++) {
            double u = base.u() - y * dv;
            double v = base.v() + y * du;
            for (int x = 0; x < width; x++) {
                rgb[y * width + x] = surface.at(u + x * du, v + x * dv);
            }
        }
    }

    /**
     * @param tone which shade of this ground, 0 to 1
     * @param pixel the size of a pixel in the ground's units: lines are no thinner
     */
    private static Surface surface(Ground ground, double tone, double pixel) {
        return switch (ground) {
            case WOOD -> wood(tone);
            case STEEL -> steel(tone);
            case CUTTING_MAT -> cuttingMat(tone, pixel);
            case CARDBOARD -> cardboard(tone);
            case CLOTH -> cloth(tone);
            case PAPER -> paper(tone, pixel);
            case RUBBER -> rubber(tone);
        };
    }

    private static Surface wood(double tone) {
        int light = mix(0xDDBE92, 0xA9794E, tone);
        int dark = mix(0xB98D5C, 0x64402A, tone);
        return (u, v) -> {
            double bent = v + 0.07 * Texture.at(u * 0.9, v * 2.5);
            double rings = bent * 13 + 0.5 * Texture.at(u * 0.7 + 40, v * 9);
            double late = rings - Math.floor(rings);
            double pores = Texture.at(u * 7, v * 110);
            return mix(light, dark, 0.75 * late * late + 0.16 * pores + 0.12 * Texture.at(u * 2, v * 30) + 0.1);
        };
    }

    private static Surface steel(double tone) {
        int colour = mix(0x8C8F92, 0xB6B8B8, tone);
        return (u, v) -> shade(
                colour,
                16 * Texture.at(u * 3, v * 150)
                        + 9 * Texture.at(u * 1.1, v * 35)
                        + 12 * Texture.at(u * 1.5, v * 1.5 + 90));
    }

    private static Surface cuttingMat(double tone, double pixel) {
        int colour = mix(0x1E6B52, 0x3C8466, tone);
        int line = mix(colour, 0xE6E8B0, 0.65);
        return (u, v) -> {
            double wide = Math.max(line(u, 0.25, 0.005, pixel), line(v, 0.25, 0.005, pixel));
            double fine = 0.35 * Math.max(line(u, 0.05, 0.002, pixel), line(v, 0.05, 0.002, pixel));
            double dirt = 7 * Texture.at(u * 130, v * 130) + 6 * Texture.at(u * 3, v * 3);
            return shade(mix(colour, line, Math.max(wide, fine)), dirt);
        };
    }

    private static Surface cardboard(double tone) {
        int colour = mix(0xC59B6C, 0x9C744C, tone);
        return (u, v) -> {
            double flutes = Math.sin(2 * Math.PI * 11 * v);
            double speck = Texture.at(u * 90 + 17, v * 90);
            return shade(
                    colour,
                    4 * flutes
                            + 8 * Texture.at(u * 60, v * 25)
                            + 6 * Texture.at(u * 4, v * 4)
                            - (speck > 0.85 ? 26 : 0));
        };
    }

    private static Surface cloth(double tone) {
        int colour = mix(0x55585E, 0x9A9A98, tone);
        return (u, v) -> {
            double warp = Math.sin(2 * Math.PI * 30 * u);
            double weft = Math.sin(2 * Math.PI * 30 * v);
            double fold = Texture.at(u * 1.6, v * 1.6);
            return shade(colour, 20 * warp * weft + 8 * Texture.at(u * 60, v * 60) + 16 * fold);
        };
    }

    private static Surface paper(double tone, double pixel) {
        boolean squares = tone < 0.6;
        return (u, v) -> {
            double grid = squares ? Math.max(line(u, 0.1, 0.003, pixel), line(v, 0.1, 0.003, pixel)) : 0;
            return shade(
                    mix(0xEDEBE4, 0x9DB4D0, 0.7 * grid), 4 * Texture.at(u * 90, v * 90) + 5 * Texture.at(u * 2, v * 2));
        };
    }

    private static Surface rubber(double tone) {
        int colour = tone < 0.55 ? mix(0x2E5388, 0x4A73A8, tone / 0.55) : mix(0x494B50, 0x6A6B6E, (tone - 0.55) / 0.45);
        return (u, v) -> {
            double stud = Math.cos(2 * Math.PI * 12 * u) + Math.cos(2 * Math.PI * 12 * v);
            return shade(colour, 5 * stud + 7 * Texture.at(u * 120, v * 120) + 6 * Texture.at(u * 2.5, v * 2.5));
        };
    }

    /** How much of a pixel belongs to lines of this width that repeat after this distance. */
    private static double line(double position, double period, double width, double pixel) {
        double distance = Math.abs(position - period * Math.rint(position / period));
        double half = Math.max(width, pixel) / 2;
        return Math.clamp((half - distance) / pixel + 0.5, 0, 1);
    }

    private static int mix(int from, int to, double fraction) {
        int f = (int) (256 * Math.clamp(fraction, 0, 1));
        int redBlue = ((from & 0xFF00FF) * (256 - f) + (to & 0xFF00FF) * f) >>> 8;
        int green = ((from & 0x00FF00) * (256 - f) + (to & 0x00FF00) * f) >>> 8;
        return (redBlue & 0xFF00FF) | (green & 0x00FF00);
    }

    private static int shade(int colour, double difference) {
        int d = (int) Math.rint(difference);
        return Math.clamp((colour >> 16 & 255) + d, 0, 255) << 16
                | Math.clamp((colour >> 8 & 255) + d, 0, 255) << 8
                | Math.clamp((colour & 255) + d, 0, 255);
    }
}
