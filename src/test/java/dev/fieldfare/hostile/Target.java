package dev.fieldfare.hostile;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.hostile.MutationRun.Reader;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.onnx.OnnxFile;
import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.train.TrainingSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongFunction;

/** What mutations are shown to. */
enum Target {
    MODELS {
        @Override
        LongFunction<byte[]> inputs() {
            return new Mutations(GoodFiles.models(), true)::get;
        }

        @Override
        Reader reader(Path folder) {
            return new ModelReader(folder, 6);
        }
    },

    PICTURES {
        @Override
        LongFunction<byte[]> inputs() {
            return new Mutations(GoodFiles.pictures(), false)::get;
        }

        @Override
        Reader reader(Path folder) {
            return input -> {
                // As a file for what the folders of labels hold, and from memory as frames of a camera are.
                if (input.length % 4 == 0) {
                    PictureReader.read(Files.write(folder.resolve("picture.jpg"), input), 64);
                } else {
                    PictureReader.read(input, "the frame", input.length % 4 == 1 ? Integer.MAX_VALUE : 16);
                }
            };
        }
    },

    CONFIGURATIONS {
        @Override
        LongFunction<byte[]> inputs() {
            return new Mutations(GoodFiles.configurations(), false)::get;
        }

        @Override
        Reader reader(Path folder) {
            return input -> {
                Path file = Files.write(folder.resolve("settings.yaml"), input);
                String text = new String(input, StandardCharsets.ISO_8859_1);
                if (text.contains("camera")) {
                    DeviceConfig.read(file);
                } else if (text.contains("labels") || text.contains("normalize")) {
                    StrictYaml.read(file, CardDocument.EMPTY);
                } else {
                    StrictYaml.read(file, TrainingSettings.DEFAULT);
                }
            };
        }
    },

    /** Not mutations, but what was made to fill the memory; each is refused by both readers. */
    BOMBS {
        @Override
        LongFunction<byte[]> inputs() {
            return Bombs::get;
        }

        @Override
        Reader reader(Path folder) {
            return input -> {
                try {
                    PictureReader.read(input, "the frame", 64);
                    throw new IllegalStateException("a bomb is no picture");
                } catch (FieldfareException refused) {
                    Refusals.requireSane(refused);
                }
                OnnxFile.read(Files.write(folder.resolve("model.onnx"), input));
            };
        }
    };

    /** The input of each number. */
    abstract LongFunction<byte[]> inputs();

    abstract Reader reader(Path folder);
}
