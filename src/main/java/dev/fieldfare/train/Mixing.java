package dev.fieldfare.train;

import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.noise.Noise;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How examples are mixed in a training: each by one of some noises, at random.
 *
 * @param noises at least one
 * @param pictures what pictures are like when they are prepared
 */
record Mixing(List<Noise.OnBatch> noises, Preprocessing pictures) {
    Mixing {
        noises = List.copyOf(noises);
    }

    /**
     * What the settings ask for, as far as it is possible; empty if that is nothing.
     *
     * @param ofPictures whether pictures can be mixed, or only what has been computed from them
     */
    static Optional<Mixing> of(TrainingSettings.Augment augment, Preprocessing pictures, boolean ofPictures) {
        List<Noise.OnBatch> noises = augment.mixes().stream()
                .filter(noise -> ofPictures || !noise.mixesPictures())
                .toList();
        return noises.isEmpty() ? Optional.empty() : Optional.of(new Mixing(noises, pictures));
    }

    /** Draws how an example is mixed with this view of this picture. */
    Batch.Partner partner(int picture, int view, RandomGenerator random) {
        Noise.OnBatch noise = noises.get(random.nextInt(noises.size()));
        return new Batch.Partner(picture, view, noise.draw(pictures, random), noise.mixesPictures());
    }
}
