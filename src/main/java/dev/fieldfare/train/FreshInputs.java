package dev.fieldfare.train;

import dev.fieldfare.image.Preprocessing;
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
        Glance glance = glance(picture, view, epoch);
        trunk.run(prepared -> prepare(picture, glance, prepared), glance.draw(), into);
    }

    /** Mixes pictures before the trunk sees them, and all else behind it. */
    @Override
    public void read(Batch batch, int row, FloatBuffer into) {
        Batch.Partner partner = batch.partners().get(row);
        if (partner == null || !partner.ofPictures()) {
            Inputs.super.read(batch, row, into);
            return;
        }
        Inputs pictures = (picture, view, epoch, prepared) -> prepare(picture, glance(picture, view, epoch), prepared);
        Glance glance = glance(batch.pictures()[row], batch.views()[row], batch.epoch());
        trunk.run(prepared -> pictures.read(batch, row, prepared), glance.draw(), into);
    }

    private Glance glance(int picture, int view, int epoch) {
        return view == 0 ? Glance.PLAIN : Glance.draw(noises, seed, picture, view, epoch);
    }

    private void prepare(int picture, Glance glance, FloatBuffer into) {
        preprocessing.toTensor(
                OneAtATime.read(files.get(picture), preprocessing.wantedShortSide()), glance.view(), into);
    }
}
