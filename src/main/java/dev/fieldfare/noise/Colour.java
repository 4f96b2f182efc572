package dev.fieldfare.noise;

import dev.fieldfare.image.ColourChange;
import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Changes colours: factors of brightness, contrast and saturation uniform between {@code 1 - strength} and
 * {@code 1 + strength}, and the hue turned by an angle uniform between plus and minus {@code strength} times 36 degrees, a
 * tenth of a turn. The four are independent.
 *
 * @param strength 0 to 1
 */
public record Colour(double strength) implements Noise.OnPicture {
    private static final double MOST_DEGREES = 36;

    public Colour {
        Noises.requireRange("colour", strength, 0, 1);
    }

    @Override
    public String name() {
        return "colour";
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        if (strength == 0) {
            return view;
        }
        return view.in(new ColourChange(
                1 + amount(random), 1 + amount(random), 1 + amount(random), MOST_DEGREES * amount(random)));
    }

    private double amount(RandomGenerator random) {
        return strength * (2 * random.nextDouble() - 1);
    }
}
