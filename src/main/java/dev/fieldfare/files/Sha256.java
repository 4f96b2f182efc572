package dev.fieldfare.files;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256: how provenance names models and pictures. */
public final class Sha256 {
    private static final int BLOCK = 1 << 16;

    private final MessageDigest digest;

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The hash of a file, in hexadecimal.
     *
     * @throws FieldfareException naming the file if it cannot be read
     */
    public static String of(Path file) {
        Sha256 hash = new Sha256();
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK];
            for (int read = stream.read(block); read >= 0; read = stream.read(block)) {
                hash.digest.update(block, 0, read);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot read " + file + ": " + e.getMessage(), e);
        }
        return hash.finish();
    }

    /** Adds a text, as UTF-8. */
    public void add(String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds the bytes that are left in a buffer, and reads them. */
    public void add(ByteBuffer bytes) {
        digest.update(bytes);
    }

    /** The hash of all that was added, in hexadecimal; begins anew. */
    public String finish() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
