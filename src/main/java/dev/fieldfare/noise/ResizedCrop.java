package dev.fieldfare.noise;

import dev.fieldfare.image.View;
import java.util.random.RandomGenerator;

/**
 * Looks at a part of the picture with a random area and aspect, stretched to the model's input (Szegedy et al., "Going
 * deeper with convolutions", CVPR 2015, section 6). The area is uniform between {@code 1 - strength} and 1 of what the
 * model's own look shows; width by height, as a multiple of that look's, has a uniform logarithm between 3/4 and 4/3, but
 * never so far from 1 that one side would be longer than the look's own; the place is uniform over the places that the
 * part can take. It replaces what {@link RandomCrop} chose. (The paper has areas of 8 to 100 %: strength 0.92.)
 *
 * @param strength 0 to 0.99
 */
public record ResizedCrop(double strength) implements Noise.OnPicture {
    private static final double MOST_ASPECT = 4 / 3.0;

    public ResizedCrop {
        Noises.requireRange("resizedCrop", strength, 0, 0.99);
    }

    @Override
    public String name() {
        return "resizedCrop";
    }

    @Override
    public View draw(View view, RandomGenerator random) {
        if (strength == 0) {
            return view;
        }
        double area = 1 - strength * random.nextDouble();
        double most = Math.log(Math.min(MOST_ASPECT, 1 / area));
        double aspect = Math.exp(most * (2 * random.nextDouble() - 1));
        return view.at(new View.Window(1 / Math.sqrt(area), aspect, random.nextDouble(), random.nextDouble()));
    }
}
