package dev.fieldfare.camera;

import java.util.List;
import java.util.Locale;

/** The kinds of small parts that the simulated camera knows; the classes of its pictures. */
public enum Part {
    WASHER(1, 1, 0.03, Material.HARDWARE, new WasherPainter()),
    NUT(1, 1, 0.1, Material.HARDWARE, new NutPainter()),
    SCREW(1.5, 0.35, 0.06, Material.HARDWARE, new ScrewPainter()),
    SPRING(1.4, 0.45, 0.06, Material.WIRE, new SpringPainter()),
    CABLE_TIE(1.5, 1, 0.03, Material.TIE, new CableTiePainter());

    private final double stretch;
    private final double breadth;
    private final double height;
    private final List<Material> materials;
    private final PartPainter painter;

    Part(double stretch, double breadth, double height, List<Material> materials, PartPainter painter) {
        this.stretch = stretch;
        this.breadth = breadth;
        this.height = height;
        this.materials = materials;
        this.painter = painter;
    }

    /** The name of the class, as in a folder of labelled pictures: {@code washer}, {@code cable-tie}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How much longer than a nut it is. */
    double stretch() {
        return stretch;
    }

    /** The most that it is broad, as a fraction of its length. */
    double breadth() {
        return breadth;
    }

    /** How far it rises above the ground, as a fraction of its length; its shadow falls as far. */
    double height() {
        return height;
    }

    /** What it may be made of, each as often as it is listed. */
    List<Material> materials() {
        return materials;
    }

    PartPainter painter() {
        return painter;
    }
}
