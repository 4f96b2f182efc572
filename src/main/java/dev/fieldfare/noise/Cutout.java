package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Hides one square of the picture, so that the network cannot rely on a single detail (DeVries and Taylor, "Improved
 * regularization of convolutional neural networks with cutout", arXiv 1708.04552). As in the paper, the square's centre
 * is uniform over the picture, so that part of the square may lie outside.
 *
 * @param size side of the square as a fraction of the picture's, 0 to 1
 */
public record Cutout(double size) implements Noise.OnPicture {
    public Cutout {
        Noises.requireRange("cutout", size, 0, 1);
    }

    @Override
    public String name() {
        return "cutout";
    }

    @Override
    public double strength() {
        return size;
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        if (size == 0) {
            return view;
        }
        double x = random.nextDouble();
        double y = random.nextDouble();
        return view.hide(new View.Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2));
    }
}
