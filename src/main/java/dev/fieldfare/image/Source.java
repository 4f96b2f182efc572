package dev.fieldfare.image;

import com.drew.imaging.tiff.TiffMetadataReader;
import com.drew.imaging.tiff.TiffProcessingException;
import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/** Where the bytes of a picture come from: a file or memory. Each method opens it anew, at its beginning. */
sealed interface Source {
    /** What messages call the picture. */
    String name();

    InputStream stream() throws IOException;

    /** For decoders: random access, neither cached on disk nor copied. */
    ImageInputStream imageStream() throws IOException;

    Metadata tiffMetadata() throws IOException, TiffProcessingException;

    /** What the first bytes say that this is; never what the name says. */
    default Format format() throws IOException {
        try (InputStream in = stream()) {
            return Format.of(in.readNBytes(34));
        }
    }

    /** The formats that need looking into before a decoder may see them. */
    enum Format {
        JPEG,
        PNG,
        TIFF,
        /** A bitmap that wraps a JPEG or PNG picture whose size its header does not tell. */
        WRAPPING_BMP,
        OTHER;

        static Format of(byte[] start) {
            if (startsWith(start, 0xFF, 0xD8, 0xFF)) {
                return JPEG;
            }
            if (startsWith(start, 0x89, 'P', 'N', 'G')) {
                return PNG;
            }
            if (startsWith(start, 'I', 'I', 42, 0) || startsWith(start, 'M', 'M', 0, 42)) {
                return TIFF;
            }
            // biCompression of BITMAPINFOHEADER: 4 is BI_JPEG, 5 is BI_PNG
            boolean wrapping = startsWith(start, 'B', 'M') && start.length == 34 && (start[30] == 4 || start[30] == 5);
            return wrapping ? WRAPPING_BMP : OTHER;
        }

        private static boolean startsWith(byte[] bytes, int... wanted) {
            for (int i = 0; i < wanted.length; i++) {
                if (i >= bytes.length || (bytes[i] & 0xFF) != wanted[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    record OfFile(Path path) implements Source {
        @Override
        public String name() {
            return path.toString();
        }

        @Override
        public InputStream stream() throws IOException {
            return Files.newInputStream(path);
        }

        @Override
        public ImageInputStream imageStream() throws IOException {
            return new FileImageInputStream(path.toFile());
        }

        @Override
        public Metadata tiffMetadata() throws IOException, TiffProcessingException {
            return TiffMetadataReader.readMetadata(path.toFile());
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared: it only carries the bytes to the decoder
    record OfBytes(String name, byte[] bytes) implements Source {
        @Override
        public InputStream stream() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public ImageInputStream imageStream() {
            return new ByteArrayImageInputStream(bytes);
        }

        @Override
        public Metadata tiffMetadata() throws IOException, TiffProcessingException {
            return TiffMetadataReader.readMetadata(new ByteArrayReader(bytes));
        }
    }
}
