package dev.fieldfare.camera;

import java.awt.Color;
import java.util.List;

/**
 * What a part is made of.
 *
 * @param colour of its surface in even white light
 * @param metal whether it mirrors its surroundings: steeper shades and harder highlights
 */
record Material(Color colour, boolean metal) {
    static final Material ZINC = metal(168, 173, 178);
    static final Material NYLON = plastic(226, 224, 214);
    static final Material BLACK_PLASTIC = plastic(44, 44, 46);
    static final Material BLUE_PLASTIC = plastic(35, 85, 165);

    /** The finishes of washers, nuts and screws: mostly metals, and some plastic. */
    static final List<Material> HARDWARE = List.of(
            ZINC,
            metal(150, 150, 148), // steel
            metal(190, 155, 85), // brass
            metal(52, 52, 56), // black oxide
            metal(182, 112, 78), // copper
            metal(186, 172, 118), // yellow zinc
            ZINC,
            NYLON,
            BLACK_PLASTIC,
            plastic(150, 48, 40)); // vulcanized fibre

    /** Wire, bare or painted in the colours by which die springs tell their strength. */
    static final List<Material> WIRE = List.of(
            ZINC,
            metal(150, 150, 148),
            metal(60, 60, 64),
            metal(186, 150, 85),
            metal(182, 112, 78),
            metal(40, 80, 150),
            metal(160, 45, 40),
            metal(200, 170, 40));

    static final List<Material> TIE = List.of(
            NYLON,
            BLACK_PLASTIC,
            plastic(128, 130, 132),
            BLUE_PLASTIC,
            plastic(190, 40, 38),
            plastic(215, 180, 40),
            plastic(215, 110, 35),
            plastic(160, 120, 80),
            NYLON,
            BLACK_PLASTIC);

    private static Material metal(int red, int green, int blue) {
        return new Material(new Color(red, green, blue), true);
    }

    private static Material plastic(int red, int green, int blue) {
        return new Material(new Color(red, green, blue), false);
    }

    /** @param tone 0 black, 1 the colour itself, 2 white; what lies outside is taken to the nearest end */
    Color tone(double tone) {
        return new Color(
                channel(colour.getRed(), tone), channel(colour.getGreen(), tone), channel(colour.getBlue(), tone));
    }

    private static int channel(int value, double tone) {
        double mixed = tone <= 1 ? value * Math.max(0, tone) : value + (255 - value) * Math.min(1, tone - 1);
        return (int) Math.round(mixed);
    }
}
