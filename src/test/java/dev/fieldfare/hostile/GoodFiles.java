package dev.fieldfare.hostile;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** What there is before it is mutated: small files of every kind, all in the repository or made here. */
final class GoodFiles {
    /** The name of the file with the elements of {@link #external}. */
    static final String DATA = "model.data";

    private static final Path NETWORKS = Path.of("src/test/resources/dev/fieldfare/autodiff/networks");

    private GoodFiles() {}

    /** Classifiers of 3 x 12 x 12 pixels and 5 classes; the last one has its weights in {@link #DATA}. */
    static List<byte[]> models() {
        List<byte[]> models = new ArrayList<>();
        for (String name : List.of("mobilenet", "mobilenet-v3", "resnet", "squeezenet")) {
            models.add(read(NETWORKS.resolve(name + ".onnx")));
        }
        models.add(external(models.getFirst()));
        return models;
    }

    /** The same model, whose tensors lie one after the other in another file. */
    private static byte[] external(byte[] model) {
        try {
            ModelProto proto = ModelProto.parseFrom(model);
            GraphProto.Builder graph = proto.getGraph().toBuilder();
            long offset = 0;
            for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
                long length = tensor.getRawData().size();
                tensor.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
                tensor.addExternalData(entry("location", DATA));
                tensor.addExternalData(entry("offset", String.valueOf(offset)));
                tensor.addExternalData(entry("length", String.valueOf(length)));
                offset += length;
            }
            return proto.toBuilder().setGraph(graph).build().toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** What {@link #DATA} holds. */
    static byte[] data() {
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (TensorProto tensor :
                    ModelProto.parseFrom(models().getFirst()).getGraph().getInitializerList()) {
                ByteString raw = tensor.getRawData();
                raw.writeTo(all);
            }
            return all.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 40 x 30 pixels as JPEG in one and in several scans, with and without Exif, PNG, BMP, GIF, TIFF and WBMP. */
    static List<byte[]> pictures() {
        try {
            List<byte[]> pictures = new ArrayList<>();
            for (int type : new int[] {BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_GRAY}) {
                BufferedImage image = painted(type);
                byte[] jpeg = jpeg(image, false);
                pictures.add(jpeg);
                pictures.add(jpeg(image, true));
                pictures.add(withExif(jpeg));
                for (String kind : List.of("png", "bmp", "gif", "tif")) {
                    pictures.add(encoded(image, kind));
                }
            }
            pictures.add(encoded(painted(BufferedImage.TYPE_4BYTE_ABGR), "png"));
            pictures.add(encoded(painted(BufferedImage.TYPE_USHORT_GRAY), "png"));
            pictures.add(encoded(painted(BufferedImage.TYPE_BYTE_INDEXED), "png"));
            pictures.add(encoded(painted(BufferedImage.TYPE_BYTE_BINARY), "wbmp"));
            return pictures;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BufferedImage painted(int type) {
        BufferedImage image = new BufferedImage(40, 30, type);
        for (int y = 0; y < 30; y++) {
            for (int x = 0; x < 40; x++) {
                image.setRGB(x, y, (x * 6) << 16 | (y * 8) << 8 | (x * y) & 0xFF | 0xC0000000);
            }
        }
        return image;
    }

    private static byte[] encoded(BufferedImage image, String kind) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, kind, bytes)) {
            throw new IOException("nothing writes " + kind);
        }
        return bytes.toByteArray();
    }

    private static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** Orientation 6 and a directory of the camera with a time. */
    private static byte[] withExif(byte[] jpeg) {
        byte[] exif = {
            'E',
            'x',
            'i',
            'f',
            0,
            0,
            'M',
            'M',
            0,
            42,
            0,
            0,
            0,
            8,
            0,
            2, //
            1,
            0x12,
            0,
            3,
            0,
            0,
            0,
            1,
            0,
            6,
            0,
            0, // orientation
            (byte) 0x87,
            0x69,
            0,
            4,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            38, // where the camera's directory is
            0,
            0,
            0,
            0,
            0,
            1, //
            (byte) 0x90,
            3,
            0,
            2,
            0,
            0,
            0,
            20,
            0,
            0,
            0,
            56,
            0,
            0,
            0,
            0
        };
        byte[] time = "2026:05:01 12:00:00\0".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xE1, 0, (byte) (2 + exif.length + time.length)});
        out.writeBytes(exif);
        out.writeBytes(time);
        out.write(jpeg, 2, jpeg.length - 2);
        return out.toByteArray();
    }

    /** Those that come with Fieldfare. */
    static List<byte[]> configurations() {
        try (Stream<Path> files =
                Stream.concat(Files.list(Path.of("device-config")), Files.list(Path.of("tools/benchmarks/cards")))) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(GoodFiles::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
