package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.WholeFile;
import dev.fieldfare.image.DifferenceHash;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.PictureWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The pictures that a device keeps, in its data folder:
 *
 * <pre>
 * pictures/CLASSIFIER/LABEL/20261122-101530_0007.jpg        what it learns from; all of one press begin alike
 * unsure/CLASSIFIER/20261122-101530_0.37_nut.jpg            what it was unsure of: the probability, and of which label
 * </pre>
 *
 * Files are written whole, so that a power cut leaves no half picture. Used by one thread.
 */
final class Album {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final Pattern UNSURE = Pattern.compile("\\d{8}-\\d{6}_(\\d\\.\\d\\d)_.*\\.jpg");
    private static final double QUALITY = 0.92;

    /** Difference hashes of 64 bits that differ in no more than this show the same thing once more. */
    private static final int NEARLY_SAME_BITS = 6;

    /** Among so many of the last ones that were kept, nothing may be kept twice. */
    private static final int REMEMBERED = 32;

    private final Path pictures;
    private final Path unsure;
    private final List<Long> kept = new ArrayList<>();

    Album(Path data, String classifier) {
        this.pictures = data.resolve("pictures").resolve(classifier);
        this.unsure = data.resolve("unsure").resolve(classifier);
    }

    /** The folder of labelled pictures. */
    Path pictures() {
        return pictures;
    }

    /** Deletes what a power cut left half written; nobody may be writing. */
    void clearUnfinished() {
        for (Path folder : Stream.concat(labels().stream().map(pictures::resolve), Stream.of(unsure))
                .toList()) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(WholeFile::isUnfinished).toList()) {
                    Files.delete(file);
                }
            } catch (NoSuchFileException e) {
                // nothing was taken yet
            } catch (IOException e) {
                throw new FieldfareException("cannot tidy up " + folder + ": " + e.getMessage(), e);
            }
        }
    }

    /** A name for a session that begins now; no pictures have it yet, whatever the clock did meanwhile. */
    String newSession(LocalDateTime now, String label) {
        LocalDateTime time = now;
        while (Files.exists(file(label, TIME.format(time), 1))) {
            time = time.plusSeconds(1);
        }
        return TIME.format(time);
    }

    private Path file(String label, String session, int number) {
        return pictures.resolve(label).resolve(String.format(Locale.ROOT, "%s_%04d.jpg", session, number));
    }

    /**
     * Keeps a picture to learn from.
     *
     * @param number within its session, from 1
     */
    Path keep(Picture picture, String label, String session, int number) {
        Path file = file(label, session, number);
        write(picture, file);
        return file;
    }

    /**
     * Keeps a picture that the model is unsure of, unless one of the last that were kept shows nearly the same. When they
     * take too much room, the least unsure of the older half goes first.
     *
     * @param probability of the most probable label
     * @return whether it was kept
     */
    boolean keepUnsure(Picture picture, String label, double probability, LocalDateTime now, long mostBytes) {
        long hash = DifferenceHash.of(picture);
        if (kept.stream().anyMatch(other -> Long.bitCount(other ^ hash) <= NEARLY_SAME_BITS)) {
            return false;
        }
        kept.add(hash);
        if (kept.size() > REMEMBERED) {
            kept.removeFirst();
        }
        // A label may have characters that a file system does not take.
        String name = label.replaceAll("[^\\p{L}\\p{N}_-]", "-");
        name = name.substring(
                0, name.offsetByCodePoints(0, Math.min(LONGEST_NAME, name.codePointCount(0, name.length()))));
        write(
                picture,
                unsure.resolve(String.format(Locale.ROOT, "%s_%.2f_%s.jpg", TIME.format(now), probability, name)));
        makeRoom(mostBytes);
        return true;
    }

    private static void write(Picture picture, Path file) {
        byte[] jpeg = PictureWriter.jpeg(picture, QUALITY);
        WholeFile.write(file, channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(jpeg);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        });
    }

    /** Characters of a label in a file's name, which has 255 bytes at most. */
    private static final int LONGEST_NAME = 40;

    private record Unsure(Path file, double probability, long bytes) {}

    private void makeRoom(long mostBytes) {
        List<Unsure> files = unsureOnes();
        long all = files.stream().mapToLong(Unsure::bytes).sum();
        while (all > mostBytes && !files.isEmpty()) {
            Unsure out = files.subList(0, (files.size() + 1) / 2).stream()
                    .max(Comparator.comparingDouble(Unsure::probability))
                    .orElseThrow();
            try {
                Files.deleteIfExists(out.file());
            } catch (IOException e) {
                throw new FieldfareException("cannot delete " + out.file() + ": " + e.getMessage(), e);
            }
            files.remove(out);
            all -= out.bytes();
        }
    }

    /** From the oldest. Other files in the folder are somebody else's. */
    private List<Unsure> unsureOnes() {
        List<Unsure> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(unsure)) {
            for (Path file : files.sorted().toList()) {
                Matcher name = UNSURE.matcher(String.valueOf(file.getFileName()));
                if (name.matches()) {
                    found.add(new Unsure(file, Double.parseDouble(name.group(1)), Files.size(file)));
                }
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot read the folder " + unsure + ": " + e.getMessage(), e);
        }
        return found;
    }

    /** The labels that have a folder. */
    List<String> labels() {
        try (Stream<Path> folders = Files.list(pictures)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> String.valueOf(folder.getFileName()))
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of(); // nothing was taken yet
        } catch (IOException e) {
            throw new FieldfareException("cannot read the folder " + pictures + ": " + e.getMessage(), e);
        }
    }
}
