package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Looks at a random window of the picture, enlarged by a random zoom: zoom uniform between 1 and {@code 1 + zoom}, place
 * uniform over the places that the window can take.
 *
 * @param zoom how far the picture may be enlarged beyond what the preprocessing asks for, 0 to 3
 */
public record RandomCrop(double zoom) implements Noise.OnPicture {
    public RandomCrop {
        Noises.requireRange("crop", zoom, 0, 3);
    }

    @Override
    public String name() {
        return "crop";
    }

    @Override
    public double strength() {
        return zoom;
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        // Strength zero must do nothing at all: the place moves only as far as the zoom has opened the window.
        if (zoom == 0) {
            return view;
        }
        return view.at(1 + zoom * random.nextDouble(), random.nextDouble(), random.nextDouble());
    }
}
