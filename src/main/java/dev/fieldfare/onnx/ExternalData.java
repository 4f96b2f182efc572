package dev.fieldfare.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The files beside a model that hold elements of its tensors. They lie in the model's own folder or below it, also when
 * all links are followed: a model must not read what its owner did not put beside it.
 */
final class ExternalData {
    /** Tied weights may name the same bytes again; without a limit, a small file would become any number of weights. */
    private static final int USES = 2;

    private final Path file;
    private final Map<Path, ByteBuffer> files = new HashMap<>();
    private final Map<Path, Long> used = new HashMap<>();

    ExternalData(Path file) {
        this.file = file;
    }

    /**
     * The elements of a tensor.
     *
     * @param where how messages call it
     */
    ByteBuffer elements(TensorProto proto, String where) {
        Map<String, String> entries = new HashMap<>();
        for (StringStringEntryProto entry : proto.getExternalDataList()) {
            if (entries.put(entry.getKey(), entry.getValue()) != null) {
                throw new FieldfareException(where + " says twice where its data is (" + entry.getKey()
                        + "); the file is damaged: fetch it again");
            }
        }
        Path path = path(entries.getOrDefault("location", ""), where);
        ByteBuffer data = files.computeIfAbsent(path, key -> map(key, where));
        try {
            long offset = Long.parseLong(entries.getOrDefault("offset", "0"));
            long length = entries.containsKey("length")
                    ? Long.parseLong(entries.getOrDefault("length", ""))
                    : data.capacity() - offset;
            ByteBuffer elements = TensorReader.slice(data, offset, length);
            if (used.merge(path, length, Long::sum) > USES * (long) data.capacity()) {
                throw new FieldfareException(where + " and others before it want more than " + USES + " times the "
                        + data.capacity() + " bytes that there are in " + path + "; fetch the model again");
            }
            return elements;
        } catch (NumberFormatException e) {
            throw new FieldfareException(where + " has an offset or length that is no number: " + entries, e);
        } catch (InvalidProtocolBufferException e) {
            throw new FieldfareException(
                    where + " reaches beyond the end of its data file " + path
                            + "; the file is cut off: fetch it again",
                    e);
        }
    }

    private Path path(String location, String where) {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
        try {
            Path path = folder.resolve(location).normalize();
            if (location.isEmpty() || !path.startsWith(folder) || path.equals(folder)) {
                throw outside(where, location);
            }
            // What is missing has no real path; then there is no link either that could lead out.
            if (Files.exists(path) && !path.toRealPath().startsWith(folder.toRealPath())) {
                throw outside(where, location);
            }
            return path;
        } catch (InvalidPathException | IOException e) {
            throw outside(where, location);
        }
    }

    private static FieldfareException outside(String where, String location) {
        return new FieldfareException(where + " wants its data from '" + location
                + "', which is outside of the model's own folder; put the data beside the model and export"
                + " it again");
    }

    private static ByteBuffer map(Path path, String where) {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new FieldfareException(where + " wants its data from " + path + ", which is no file; fetch it again");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new FieldfareException(where + " has its data in " + path + ", which is larger than the 2 GiB"
                        + " that Fieldfare reads; use a smaller model");
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        } catch (IOException e) {
            throw new FieldfareException(
                    where + " has its data in " + path.getFileName()
                            + ", which is missing or cannot be read; put the file " + path
                            + " beside the model (it belongs to the same download)",
                    e);
        }
    }
}
