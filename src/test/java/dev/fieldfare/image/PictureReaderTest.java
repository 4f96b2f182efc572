package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.fieldfare.FieldfareException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {
    private static final int ALL = Integer.MAX_VALUE;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"Landscape", "Portrait"})
    void picturesAreTurnedUpright(String name) {
        Picture upright = PictureReader.read(Pictures.data("robust/exif/" + name + "_1.jpg"), ALL);
        for (int orientation = 2; orientation <= 8; orientation++) {
            Picture turned = PictureReader.read(Pictures.data("robust/exif/" + name + "_" + orientation + ".jpg"), ALL);
            assertEquals(upright.width(), turned.width());
            assertEquals(upright.height(), turned.height());
            // They were compressed one by one: Pillow finds up to 3.7, a wrong turn makes tens.
            assertTrue(Pictures.meanDifference(upright, turned) < 5, name + " " + orientation);
        }
    }

    @Test
    void aRefusalIsMadeOfSentences() throws IOException {
        Path cut = folder.resolve("cut.bmp");
        Files.write(cut, new byte[] {'B', 'M', 0, 0});
        String said = assertThrows(FieldfareException.class, () -> PictureReader.read(cut, 64))
                .getMessage();
        assertTrue(said.contains(cut.toString()), said);
        assertFalse(said.contains("..") || said.contains("!.") || said.contains("Exception"), said);
    }

    /** Every file either decodes or is refused by name, and none costs much memory. */
    @Test
    void oddFilesNeitherCrashNorGrow() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(Pictures.data("robust/pillow/Tests"))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        List<String> refused = new ArrayList<>();
        for (Path file : files) {
            long before = allocated();
            try {
                Picture picture = PictureReader.read(file, 128);
                assertTrue(picture.width() >= 1 && picture.height() >= 1);
            } catch (FieldfareException e) {
                assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e.getMessage());
                refused.add(file.getFileName().toString());
            }
            long megabytes = (allocated() - before) >> 20;
            assertTrue(megabytes < 100, () -> file + " took " + megabytes + " MB");
        }
        assertTrue(files.size() > 400, () -> "only " + files.size() + " files");
        // Of 408, 14 are WebP, and of those left most are whole.
        assertTrue(refused.size() < 40, () -> "refused: " + refused);
        assertTrue(refused.containsAll(List.of("truncated_jpeg.jpg", "truncated_image.png", "broken.png")));
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    @Test
    void largePicturesAreThinnedOutWhileDecoding() {
        Path file = Pictures.data("pictures/sign-digits/Dataset/7/IMG_5874.JPG");
        PictureReader.read(file, 147); // loads what the first picture loads
        long before = allocated();
        Picture picture = PictureReader.read(file, 147);
        long kilobytes = (allocated() - before) >> 10;
        assertEquals(302, picture.width());
        assertEquals(302, picture.height());
        assertTrue(kilobytes < 3000, () -> kilobytes + " kB for a picture that has 27 MB of pixels");
    }

    /** Means of red, green and blue as Pillow decodes the files, transparency laid on white, profiles not applied. */
    @ParameterizedTest
    @CsvSource({
        "hopper.jpg, 128, 128, 89.72, 80.08, 95.41",
        "hopper_gray.jpg, 128, 128, 84.69, 84.69, 84.69",
        "pil_sample_cmyk.jpg, 100, 100, 30.23, 5.44, 7.39",
        "icc_profile_big.jpg, 425, 250, 57.41, 106.94, 168.48",
        "hopper_orientation_6.jpg, 128, 128, 89.67, 80.08, 95.34",
        "uncompressed_rgb.png, 800, 600, 244.18, 244.24, 252.84",
        "p_trns_single.png, 64, 64, 127.91, 176.34, 162.71",
        "l_trns.png, 64, 64, 123.91, 123.91, 123.91",
        "tiff_16bit_RGB_target.png, 100, 40, 41.77, 28.78, 21.65",
        "linear_gradient.png, 256, 256, 127.50, 127.50, 127.50",
        "hopper_bw_500.png, 500, 500, 98.51, 98.51, 98.51",
        "apng/mode_grayscale_alpha.png, 128, 64, 127.50, 127.50, 127.50",
        "hopper.gif, 128, 128, 89.66, 80.08, 95.39",
        "hopper_rle8.bmp, 128, 128, 89.68, 80.11, 95.40",
        "bmp/g/rgb16-565.bmp, 127, 64, 121.13, 118.02, 122.50",
        "bmp/g/pal1.bmp, 127, 64, 75.30, 75.30, 75.30",
        "bmp/q/rgba32.bmp, 127, 64, 121.54, 116.42, 120.88",
        "sugarshack.mpo, 640, 480, 120.55, 108.89, 99.15",
    })
    void coloursAreAsPillowSeesThem(String file, int width, int height, double red, double green, double blue) {
        Picture picture = PictureReader.read(Pictures.data("robust/pillow/Tests/images/" + file), ALL);
        assertEquals(width, picture.width());
        assertEquals(height, picture.height());
        double[] means = new double[3];
        for (int i = 0; i < picture.rgb().length; i++) {
            means[i % 3] += (picture.rgb()[i] & 0xFF) / (double) (width * height);
        }
        assertArrayEquals(new double[] {red, green, blue}, means, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif", "tif", "jpg"})
    void everyKindOfPictureIsThinnedOutAlike(String kind) throws IOException {
        BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_3BYTE_BGR);
        for (int y = 0; y < 480; y++) {
            for (int x = 0; x < 640; x++) {
                image.setRGB(x, y, x < 320 ? 0xFF0000 : y < 240 ? 0x00FF00 : 0x0000FF);
            }
        }
        Path file = folder.resolve("a." + kind);
        assertTrue(ImageIO.write(image, kind, file.toFile()));

        Picture whole = PictureReader.read(file, 200);
        Picture thin = PictureReader.read(Files.readAllBytes(file), "frame 7", 40);

        assertEquals(640, whole.width());
        assertEquals(480, whole.height());
        // 480 is six times 80
        assertEquals(107, thin.width());
        assertEquals(80, thin.height());
        assertPixel(0xFF0000, thin, 20, 40);
        assertPixel(0x00FF00, thin, 80, 20);
        assertPixel(0x0000FF, thin, 80, 60);
    }

    private static void assertPixel(int expected, Picture picture, int x, int y) {
        for (int c = 0; c < 3; c++) {
            int sample = picture.rgb()[3 * (y * picture.width() + x) + c] & 0xFF;
            assertEquals((expected >> (16 - 8 * c)) & 0xFF, sample, 3, "channel " + c);
        }
    }

    @Test
    void transparentPartsAreWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x00FF0000);
        image.setRGB(1, 0, 0x80000000);
        Path file = folder.resolve("a.png");
        ImageIO.write(image, "png", file.toFile());
        Picture picture = PictureReader.read(file, 1);
        assertArrayEquals(new byte[] {-1, -1, -1, 127, 127, 127}, picture.rgb());
    }

    @Test
    void framesWithoutHuffmanTablesDecodeAsWithThem() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 64 * 48; i++) {
            image.setRGB(i % 64, i / 64, i * 977);
        }
        ImageIO.write(image, "jpg", bytes);
        byte[] whole = bytes.toByteArray();
        byte[] bare = withoutSegment(whole, 0xC4);
        assertTrue(bare.length < whole.length - 400);
        assertArrayEquals(
                PictureReader.read(whole, "whole", ALL).rgb(),
                PictureReader.read(bare, "bare", ALL).rgb());
    }

    private static byte[] withoutSegment(byte[] jpeg, int marker) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        int at = 2;
        while ((jpeg[at + 1] & 0xFF) != 0xDA) {
            int length = 2 + ((jpeg[at + 2] & 0xFF) << 8) + (jpeg[at + 3] & 0xFF);
            if ((jpeg[at + 1] & 0xFF) != marker) {
                out.write(jpeg, at, length);
            }
            at += length;
        }
        out.write(jpeg, at, jpeg.length - at);
        return out.toByteArray();
    }

    @Test
    void aCutOffJpegIsRefusedWhereverItEnds() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR), "jpg", bytes);
        byte[] whole = bytes.toByteArray();
        assertEquals(64, PictureReader.read(whole, "whole", 48).width());
        for (int length = 3; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            FieldfareException e =
                    assertThrows(FieldfareException.class, () -> PictureReader.read(part, "frame 7", 48));
            assertTrue(String.valueOf(e.getMessage()).contains("frame 7"), e.getMessage());
            assertTrue(String.valueOf(e.getMessage()).contains("cut off"), e.getMessage());
        }
    }

    @Test
    void refusalsSayWhatIsWrong() throws IOException {
        Path text = Files.writeString(folder.resolve("page.jpg"), "<html>Sign in</html>");
        Path empty = Files.createFile(folder.resolve("empty.png"));
        assertRefused(text, "is not a picture");
        assertRefused(empty, "is not a picture");
        assertRefused(folder, "is a folder");
        assertRefused(folder.resolve("none.jpg"), "does not exist");
        assertThrows(IllegalArgumentException.class, () -> PictureReader.read(text, 0));
    }

    private static void assertRefused(Path file, String why) {
        FieldfareException e = assertThrows(FieldfareException.class, () -> PictureReader.read(file, 100));
        assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
    }

    /** 30,000 x 30,000 pixels, 900 million, in a file of 3 kB. */
    @Test
    void aDecompressionBombCostsNothing() throws IOException {
        Path bomb = folder.resolve("bomb.png");
        Files.write(bomb, png(30_000, 30_000, 100));
        long before = allocated();
        assertRefused(bomb, "too large");
        assertTrue(allocated() - before < 5_000_000);
    }

    /** Its decoder would hold 6000 x 4200 pixels of coefficients; a plain JPEG of that size is no matter. */
    @Test
    void aLargeProgressiveJpegIsRefused() throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
            writer.setOutput(out);
            BufferedImage image = new BufferedImage(600, 420, BufferedImage.TYPE_3BYTE_BGR);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        byte[] jpeg = bytes.toByteArray();
        assertEquals(600, PictureReader.read(jpeg, "small", ALL).width());
        int frame = 0;
        while ((jpeg[frame] & 0xFF) != 0xFF || (jpeg[frame + 1] & 0xFF) != 0xC2) {
            frame++;
        }
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 4200).putShort(frame + 7, (short) 6000);
        Path file = Files.write(folder.resolve("progressive.jpg"), jpeg);
        assertRefused(file, "progressive JPEG may have 24.0 million");
    }

    @Test
    void aPngIsTurnedByItsExifChunk() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_3BYTE_BGR);
        image.setRGB(0, 1, 0xFFFFFF);
        ImageIO.write(image, "png", bytes);
        byte[] png = bytes.toByteArray();
        int behindHeader = 33;
        ByteArrayOutputStream turned = new ByteArrayOutputStream();
        turned.write(png, 0, behindHeader);
        // one entry: orientation (0x112), a short, is 6: turn right to see it upright
        byte[] exif = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0};
        writeChunk(turned, "eXIf", exif);
        turned.write(png, behindHeader, png.length - behindHeader);
        Picture picture = PictureReader.read(turned.toByteArray(), "turned", ALL);
        assertEquals(2, picture.width());
        assertEquals(3, picture.height());
        byte[] expected = new byte[18];
        Arrays.fill(expected, 0, 3, (byte) 255);
        assertArrayEquals(expected, picture.rgb());
    }

    /** What is left after thinning out may be too large as well: the short side is one pixel. */
    @Test
    void aLinePictureIsRefused() throws IOException {
        Path line = folder.resolve("line.png");
        Files.write(line, png(50_000_000, 1, 1));
        assertRefused(line, "too large");
    }

    /** A grey PNG with the given size in its header and some black rows. */
    private static byte[] png(int width, int height, int rows) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        DataOutputStream fields = new DataOutputStream(header);
        fields.writeInt(width);
        fields.writeInt(height);
        fields.write(new byte[] {8, 0, 0, 0, 0});
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(pixels)) {
            deflater.write(new byte[rows * 1000]);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        writeChunk(file, "IHDR", header.toByteArray());
        writeChunk(file, "IDAT", pixels.toByteArray());
        writeChunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void writeChunk(ByteArrayOutputStream file, String type, byte[] content) throws IOException {
        DataOutputStream out = new DataOutputStream(file);
        CRC32 crc = new CRC32();
        out.writeInt(content.length);
        out.writeBytes(type);
        out.write(content);
        crc.update(type.getBytes(StandardCharsets.US_ASCII));
        crc.update(content);
        out.writeInt((int) crc.getValue());
    }

    /**
     * The decoder's image and the upright one take three bytes a pixel each. A progressive JPEG is held as two bytes a
     * coefficient besides; one in a single scan is not.
     */
    @Test
    void whatADecoderHoldsIsKnownBeforehand() throws IOException {
        BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        for (boolean progressive : new boolean[] {false, true}) {
            Path file = folder.resolve(progressive + ".jpg");
            ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            try (ImageOutputStream stream = ImageIO.createImageOutputStream(file.toFile())) {
                writer.setOutput(stream);
                writer.write(null, new IIOImage(image, null, null), settings);
            } finally {
                writer.dispose();
            }
            int outside = progressive ? 2 * 3 * 40 * 30 : 0;
            assertEquals(new PictureReader.Needs(6 * 40 * 30, outside), PictureReader.needs(file, 30));
            // Of every third pixel both ways, a short side of ten is left.
            assertEquals(new PictureReader.Needs(6 * 14 * 10, outside), PictureReader.needs(file, 5));
        }
        Path png = folder.resolve("whole.png");
        ImageIO.write(image, "png", png.toFile());
        assertEquals(new PictureReader.Needs(6 * 40 * 30, 0), PictureReader.needs(png, 30));
        Path other = Files.writeString(folder.resolve("no.jpg"), "no");
        assertEquals(PictureReader.Needs.NOTHING, PictureReader.needs(other, 30));
        assertEquals(PictureReader.Needs.NOTHING, PictureReader.needs(folder.resolve("absent.jpg"), 30));
    }

    /** Each scan makes the decoder go through the whole picture; a scan without news takes a few bytes. */
    @Test
    void aJpegOfEndlessScansIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR), "jpg", bytes);
        byte[] whole = bytes.toByteArray();
        int scan = 2;
        while ((whole[scan + 1] & 0xFF) != 0xDA) {
            scan += 2 + ((whole[scan + 2] & 0xFF) << 8) + (whole[scan + 3] & 0xFF);
        }
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(whole, 0, scan);
        for (int i = 0; i < 1000; i++) {
            many.write(whole, scan, whole.length - 2 - scan);
        }
        many.write(whole, whole.length - 2, 2);
        assertRefused(Files.write(folder.resolve("scans.jpg"), many.toByteArray()), "1000 scans");
    }

    /** Nothing ever comes out of a pipe that nobody writes to, and everything out of a device without an end. */
    @Test
    void whatIsNoOrdinaryFileIsRefusedAndNotWaitedFor() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe.jpg");
        Assumptions.assumeTrue(
                new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo");
        assertRefused(pipe, "no ordinary file");
        Path zero = Files.createSymbolicLink(folder.resolve("zero.jpg"), Path.of("/dev/zero"));
        assertRefused(zero, "no ordinary file");
        Path large = folder.resolve("large.jpg");
        try (FileChannel channel = FileChannel.open(large, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), 1L << 30); // all holes before it
        }
        assertRefused(large, "at most 536870912");
    }
}
