package dev.fieldfare.onnx;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Recognizes the files that are most often mistaken for ONNX models, so that the message can say what happened. */
final class ForeignFiles {
    private static final int LOOK_AT = 512;

    private ForeignFiles() {}

    /**
     * Returns if the file may be an ONNX model.
     *
     * @throws FieldfareException saying what it is instead, and what to do
     */
    static void refuse(Path file) {
        if (!Files.exists(file)) {
            throw new FieldfareException("there is no model file " + file + "; check the path");
        }
        if (!Files.isRegularFile(file)) {
            throw new FieldfareException(file + " is not a file; name the .onnx file itself");
        }
        byte[] start;
        try (InputStream stream = Files.newInputStream(file)) {
            start = stream.readNBytes(LOOK_AT);
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage() + "; check its permissions", e);
        }
        if (start.length == 0) {
            throw new FieldfareException(file + " is empty; fetch it again");
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String lower = text.stripLeading().toLowerCase(Locale.ROOT);
        if (text.startsWith("version https://git-lfs")) {
            throw new FieldfareException(
                    file + " is a Git LFS pointer, a note that says where the model lies, not the model itself; run"
                            + " 'git lfs pull' in its repository, or fetch the file with the 'Download' button");
        }
        if (lower.startsWith("<!doctype") || lower.startsWith("<html") || lower.startsWith("<?xml")) {
            throw new FieldfareException(
                    file + " is a web page, not a model; the address led to a page about the file: "
                            + "use the 'Download raw file' link, then try again");
        }
        if (text.startsWith("TFL3", 4)) {
            throw new FieldfareException(file + " is a TensorFlow Lite model; convert it to ONNX (for example with "
                    + "tf2onnx) and try again");
        }
        if (text.startsWith("PK\u0003\u0004") || text.startsWith("\u0080\u0002")) {
            throw new FieldfareException(file + " is a PyTorch checkpoint or another archive; export the model with "
                    + "torch.onnx.export and try again");
        }
        if (text.startsWith("\u0089HDF")) {
            throw new FieldfareException(
                    file + " is a Keras (HDF5) model; convert it to ONNX with tf2onnx and try again");
        }
    }
}
