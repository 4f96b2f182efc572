package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.image.View;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/** Inputs that are computed for every look, from the picture's file, with a view that no epoch has seen before. */
final class FreshInputs implements Inputs {
    private final List<Path> files;
    private final int wantedShortSide;
    private final TrunkRunner trunk;
    private final List<Noise.OnPicture> noises;
    private final Seed seed;

    FreshInputs(
            List<Path> files, int wantedShortSide, TrunkRunner trunk, List<Noise.OnPicture> noises, Seed seed) {
        this.files = List.copyOf(files);
        this.wantedShortSide = wantedShortSide;
        this.trunk = trunk;
        this.noises = List.copyOf(noises);
        this.seed = seed;
    }

    @Override
    public void read(int picture, int view, int epoch, FloatBuffer into) {
        Picture decoded = OneAtATime.read(files.get(picture), wantedShortSide);
        trunk.run(decoded, view == 0 ? View.CENTRE : Views.draw(noises, seed, picture, view, epoch), into);
    }
}
