package dev.fieldfare.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Good files made bad: the same number always gives the same mutation. Some changes are blind (bits, cuts, copies), some
 * write the numbers at which sizes overflow, and files of protocol buffers are also changed field by field, with lengths
 * that still add up, so that what is wrong lies behind the parser and not before it.
 */
final class Mutations {
    private static final long[] TELLING = {
        0,
        1,
        2,
        -1,
        -2,
        0x7F,
        0x80,
        0xFF,
        0x100,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x1_0000,
        0x7FFF_FFFF,
        0x8000_0000L,
        0xFFFF_FFFFL,
        0x1_0000_0000L,
        1L << 40,
        1L << 59,
        1L << 60,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    /** Names with a meaning: operators that make much of little, that compute sizes, that few kernels expect here. */
    private static final String[] WORDS =
            ("Conv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool Gemm MatMul Add Mul Div Pow Mod Relu"
                + " Clip Softmax Reshape Flatten Transpose Concat Split Slice Gather GatherND ScatterND Pad Tile"
                + " Expand Resize Upsample ConstantOfShape Range OneHot EyeLike NonZero Shape Size Cast Squeeze"
                + " Unsqueeze ReduceMean TopK Where CumSum Einsum Trilu LSTM GRU Identity Dropout BatchNormalization"
                + " InstanceNormalization LRN QuantizeLinear DequantizeLinear QLinearConv ConvInteger MaxUnpool"
                + " RoiAlign NonMaxSuppression GridSample DepthToSpace SpaceToDepth If Loop Scan RandomNormal"
                + " RandomUniform Multinomial FusedConv FusedGemm NhwcMaxPool Attention axis axes perm pads strides"
                + " dilations kernel_shape group auto_pad mode to value transB alpha ceil_mode output_shape"
                + " com.microsoft ai.onnx.ml com.microsoft.nchwc pictures logits")
                    .split(" ");

    private final List<byte[]> seeds;
    private final boolean messages;

    /** @param messages whether the files are protocol buffers */
    Mutations(List<byte[]> seeds, boolean messages) {
        this.seeds = List.copyOf(seeds);
        this.messages = messages;
    }

    byte[] get(long number) {
        SplittableRandom random = new SplittableRandom(number);
        byte[] file = pick(random).clone();
        int changes = 1 + random.nextInt(random.nextInt(4) == 0 ? 8 : 2);
        for (int i = 0; i < changes; i++) {
            boolean byField = messages && random.nextInt(4) > 0;
            file = byField ? message(file, random, 0) : blind(file, random);
        }
        return file;
    }

    private byte[] pick(SplittableRandom random) {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] blind(byte[] file, SplittableRandom random) {
        if (file.length == 0) {
            return file;
        }
        // Headers are short and pixels are many: half of all changes are made in the beginning.
        int reach = random.nextBoolean() ? file.length : Math.min(file.length, 256);
        int at = random.nextInt(reach);
        int length = 1 + random.nextInt(Math.min(file.length - at, random.nextBoolean() ? 8 : 4096));
        switch (random.nextInt(7)) {
            case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> file[at] = (byte) random.nextInt();
            case 2 -> put(file, at, TELLING[random.nextInt(TELLING.length)], 1 << random.nextInt(4), random);
            case 3 -> {
                return Arrays.copyOf(file, at);
            }
            case 4 -> {
                return spliced(file, at, at + length, new byte[0]);
            }
            case 5 -> {
                return spliced(file, at, at, Arrays.copyOfRange(file, at, at + length));
            }
            default -> {
                byte[] other = pick(random);
                int from = random.nextInt(other.length);
                int end = Math.min(other.length, from + 1 + random.nextInt(64));
                return spliced(file, at, Math.min(file.length, at + end - from), Arrays.copyOfRange(other, from, end));
            }
        }
        return file;
    }

    private static void put(byte[] file, int at, long value, int width, SplittableRandom random) {
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < width && at + i < file.length; i++) {
            file[at + i] = (byte) (value >> 8 * (bigEndian ? width - 1 - i : i));
        }
    }

    private static byte[] spliced(byte[] file, int from, int end, byte[] middle) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, from);
        out.writeBytes(middle);
        out.write(file, end, file.length - end);
        return out.toByteArray();
    }

    /** Changes one field of a message, or one in a message in it. */
    private byte[] message(byte[] message, SplittableRandom random, int depth) {
        List<WireField> fields = WireField.parse(message);
        if (fields.isEmpty()) {
            return blind(message, random);
        }
        int chosen = random.nextInt(fields.size());
        WireField field = fields.get(chosen);
        boolean deeper = field.isBytes() && depth < 12 && random.nextInt(8) > 0;
        if (deeper && !WireField.parse(field.bytes()).isEmpty()) {
            fields.set(chosen, field.withBytes(message(field.bytes(), random, depth + 1)));
            return WireField.join(fields);
        }
        boolean text = field.isBytes() && field.bytes().length < 64 && random.nextInt(3) == 0;
        if (text) {
            byte[] word = WORDS[random.nextInt(WORDS.length)].getBytes(StandardCharsets.US_ASCII);
            fields.set(chosen, field.withBytes(word));
            return WireField.join(fields);
        }
        switch (random.nextInt(8)) {
            case 0 -> fields.remove(chosen);
            case 1 -> fields.add(random.nextInt(fields.size() + 1), field);
            case 2 -> fields.set(chosen, fields.set(random.nextInt(fields.size()), field));
            case 3 -> fields.set(chosen, field.withNumber(1 + random.nextInt(20)));
            case 4 -> {
                // The same again in itself: depth.
                for (int i = 0; i < random.nextInt(120) && field.isBytes(); i++) {
                    field = field.withBytes(WireField.join(List.of(field)));
                }
                fields.set(chosen, field);
            }
            default ->
                fields.set(
                        chosen,
                        field.isBytes()
                                ? field.withBytes(blind(field.bytes().clone(), random))
                                : field.withValue(
                                        random.nextBoolean()
                                                ? TELLING[random.nextInt(TELLING.length)]
                                                : random.nextInt(40)));
        }
        return WireField.join(fields);
    }
}
