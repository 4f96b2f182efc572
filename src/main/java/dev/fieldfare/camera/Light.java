package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;

/**
 * The light that falls on the simulated bench. Every frame draws a lamp of its own from these ranges.
 *
 * @param kelvin colour temperature, within 1667 and 25000; the camera's white balance takes out half of the tint
 * @param brightness how much of the sensor's range a white sheet fills next to the lamp, in linear light; above 0, at
 *     most 2 (above 1 it is overexposed)
 * @param falloff how much darker the far side is than the side at the lamp; from 0 (even light) to 1 (black)
 * @param direction where the lamp stands, in degrees, clockwise from the right: 90 is at the bottom of the picture
 * @param shadow how much of the light the part's shadow takes away; from 0 (none) to 1 (black)
 */
public record Light(Range kelvin, Range brightness, Range falloff, Range direction, Range shadow) {
    public Light {
        require("kelvin", kelvin, 1667, 25000);
        require("brightness", brightness, 1e-3, 2);
        require("falloff", falloff, 0, 1);
        require("direction", direction, -360, 360);
        require("shadow", shadow, 0, 1);
    }

    private static void require(String name, Range range, double least, double most) {
        if (range.min() < least || range.max() > most) {
            throw new FieldfareException("the simulated light's " + name + " must lie within " + least + " and " + most
                    + ", but goes from " + range.min() + " to " + range.max());
        }
    }
}
