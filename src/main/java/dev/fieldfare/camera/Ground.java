package dev.fieldfare.camera;

/** What the parts of the simulated camera lie on. */
public enum Ground {
    /** A planed board, from beech to walnut, with its grain. */
    WOOD,
    /** A brushed sheet, grey like most of the parts. */
    STEEL,
    /** A green mat with a grid of light lines. */
    CUTTING_MAT,
    /** Corrugated cardboard. */
    CARDBOARD,
    /** Woven grey cloth. */
    CLOTH,
    /** White paper, often with squares on it. */
    PAPER,
    /** A studded rubber mat, blue or nearly black. */
    RUBBER
}
