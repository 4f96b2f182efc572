package dev.fieldfare;

import dev.fieldfare.camera.Part;
import dev.fieldfare.camera.SimulatedBench;
import dev.fieldfare.camera.SimulatedCamera;
import dev.fieldfare.image.PictureWriter;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Labelled folders of pictures that the simulated camera took. */
public final class SimulatedPictures {
    public static final List<String> LABELS = List.of("cable-tie", "nut", "washer");

    private SimulatedPictures() {}

    /** Writes so many pictures of each of the labels, {@code FOLDER/LABEL/0.png} and so on. */
    public static void write(Path folder, int ofEach) throws IOException {
        Seed seed = new Seed(1);
        SimulatedBench bench = SimulatedBench.day().withFrame(96, 96);
        try (SimulatedCamera camera = new SimulatedCamera(bench, index -> seed.generator("simulated camera", index))) {
            long frame = 0;
            for (Part part : Part.values()) {
                if (LABELS.contains(part.label())) {
                    Path ofPart = Files.createDirectories(folder.resolve(part.label()));
                    for (int i = 0; i < ofEach; i++) {
                        PictureWriter.writePng(camera.draw(frame++, part).picture(), ofPart.resolve(i + ".png"));
                    }
                }
            }
        }
    }
}
