package dev.fieldfare.train;

import dev.fieldfare.image.Preprocessing;
import dev.fieldfare.image.View;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/** Inputs that are computed for every look, from the picture's file, with a view that no epoch has seen before. */
final class FreshInputs implements Inputs {
    private final List<Path> files;
    private final Preprocessing preprocessing;
    private final TrunkRunner trunk;
    private final List<Noise.OnPicture> noises;
    private final Seed seed;

    FreshInputs(
            List<Path> files, Preprocessing preprocessing, TrunkRunner trunk, List<Noise.OnPicture> noises, Seed seed) {
        this.files = List.copyOf(files);
        this.preprocessing = preprocessing;
        this.trunk = trunk;
        this.noises = List.copyOf(noises);
        this.seed = seed;
    }

    @Override
    public void read(int picture, int view, int epoch, FloatBuffer into) {
        trunk.run(prepared -> prepare(picture, view, epoch, prepared), into);
    }

    /** Mixes pictures before the trunk sees them, and all else behind it. */
    @Override
    public void read(Batch batch, int row, FloatBuffer into) {
        Batch.Partner partner = batch.partners().get(row);
        if (partner == null || !partner.ofPictures()) {
            Inputs.super.read(batch, row, into);
            return;
        }
        Inputs pictures = this::prepare;
        trunk.run(prepared -> pictures.read(batch, row, prepared), into);
    }

    private void prepare(int picture, int view, int epoch, FloatBuffer into) {
        preprocessing.toTensor(
                OneAtATime.read(files.get(picture), preprocessing.wantedShortSide()),
                view == 0 ? View.CENTRE : Views.draw(noises, seed, picture, view, epoch),
                into);
    }
}
