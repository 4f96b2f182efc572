package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The gradient of a convolution by its weight: for each kernel position, the sum over pictures and output positions of
 * what is read there times the gradient of what became of it. One formula in several forms; the times are milliseconds
 * of ONNX Runtime 1.28 with one thread on a processor with AVX-512, medians side by side.
 */
final class ConvWeightGradient {
    private final GradientContext c;
    private final Convolution of;
    private final Window window;
    private final long pictures;
    private final long from;
    private final long to;

    ConvWeightGradient(Convolution of) {
        this.c = of.c();
        this.of = of;
        this.window = of.window();
        this.pictures = of.x().size(0);
        this.from = of.w().size(1);
        this.to = of.w().size(0);
    }

    /**
     * Emits the gradient.
     *
     * @param input X, or for the transposed convolution what stands in its place
     * @param output the gradient by Y
     */
    String emit(String input, String output) {
        SmallDepthwise small = new SmallDepthwise(of);
        if (small.applies()) {
            return small.byWeight(input, output);
        }
        if (of.isDirect()) {
            return byChannel(input, output);
        }
        if (of.isDepthwise() && window.kernel()[1] <= window.input()[1]) {
            return byRows(input, output);
        }
        if (window.rank() == 1 && of.groups() > 1 && pictures == 1 && !window.hasStrides()) {
            return byGroup(input, output);
        }
        // A matrix product of few columns wastes most of each vector: 3 channels into 32 take 1.5 as products, 0.9 as a
        // convolution.
        if (of.groups() > 1 || from < 8) {
            return asConvolution(input, output);
        }
        long positions = of.y().elements() / (pictures * to);
        // A product for each picture writes its sums for each, one product for all needs both sides transposed. With
        // four pictures, 24 to 144 channels of 56 x 56 take 0.7 ms against 1.2, 160 to 960 of 7 x 7 take 0.8 against
        // 0.4.
        if (window.isPointwise() && pictures > 1 && 4 * from * to < (from + to) * positions) {
            return byPicture(input, output, positions);
        }
        return byPosition(input, output, positions);
    }

    /**
     * As a convolution: the channels of X are the batch, the pictures the channels, and Y is the weight, whose positions
     * are the strides apart. Right for everything, but slow: its inner loops are as short as the kernel.
     */
    private String asConvolution(String input, String output) {
        long groups = of.groups();
        long[] inputs = window.input();
        Shape grouped = Convolution.shape(inputs, pictures, groups, from);
        String batch = c.permute(c.reshape(input, of.x(), grouped), grouped, 2, 1, 0);
        batch = c.reshape(
                batch,
                Convolution.shape(inputs, from, groups, pictures),
                Convolution.shape(inputs, from, groups * pictures));
        Map<String, Attribute> attributes = new TreeMap<>();
        attributes.put("group", Attribute.of(groups));
        attributes.put("strides", Attribute.of(window.dilations()));
        attributes.put("dilations", Attribute.of(window.strides()));
        attributes.put("pads", Attribute.of(window.pads()));
        Shape swapped = Convolution.shape(window.kernel(), from, to);
        String sum = c.apply("Conv", List.of(batch, c.permute(output, of.y(), 1, 0)), attributes);
        return c.permute(of.trimmed(sum, swapped), swapped, 1, 0);
    }

    /** Depthwise: each channel of each picture is convolved by its own dY. */
    private String byChannel(String input, String output) {
        long channels = pictures * of.groups();
        String x = c.apply("Reshape", input, c.longs(1, channels, window.input()[0], window.input()[1]));
        String w = c.apply("Reshape", output, c.longs(channels, 1, window.output()[0], window.output()[1]));
        Map<String, Attribute> attributes = new TreeMap<>();
        attributes.put("group", Attribute.of(channels));
        attributes.put("strides", Attribute.of(window.dilations()));
        attributes.put("dilations", Attribute.of(window.strides()));
        attributes.put("pads", Attribute.of(window.pads()));
        String each = c.apply("Conv", List.of(x, w), attributes);
        each = of.trimmed(each, Convolution.shape(window.kernel(), 1, channels));
        Shape all = Convolution.shape(window.kernel(), pictures, of.groups());
        each = c.apply("Reshape", each, c.longs(all.sizes()));
        return c.reshape(pictures == 1 ? each : c.sumOver(each, 0), all.with(0, 1), of.w());
    }

    /** For a kernel of one position: dY Xᵀ of each picture, then the sum over pictures. */
    private String byPicture(String input, String output, long positions) {
        Shape x = Shape.of(pictures, from, positions);
        Shape y = Shape.of(pictures, to, positions);
        String right = c.permute(c.reshape(input, of.x(), x), x, 0, 2, 1);
        String product = c.apply("MatMul", c.reshape(output, of.y(), y), right);
        return c.reshape(c.sumOver(product, 0), Shape.of(1, to, from), of.w());
    }

    /**
     * For each kernel position one matrix product dY Xᵀ over all pictures, where X is cut out as it is read there. Faster
     * than the convolution (for [1, 64, 56, 56] and a 3 x 3 kernel, 1.5 against 7.8), and without a copy of X for every
     * position at once.
     */
    private String byPosition(String input, String output, long positions) {
        Shape rows = Shape.of(to, pictures * positions);
        Shape columns = Shape.of(from, pictures * positions);
        String left = c.reshape(c.permute(output, of.y(), 1, 0), swapped(of.y()), rows);
        String padded = padded(c.permute(input, of.x(), 1, 0));
        List<String> products = new ArrayList<>();
        for (long position = 0; position < window.positions(); position++) {
            String read = c.reshape(cut(padded, position), Convolution.shape(window.output(), from, pictures), columns);
            String product = c.apply("Gemm", List.of(left, read), Map.of("transB", Attribute.of(1)));
            products.add(c.reshape(product, Shape.of(to, from), Shape.of(to, from, 1)));
        }
        String all = products.size() == 1
                ? products.getFirst()
                : c.apply("Concat", products, Map.of("axis", Attribute.of(2)));
        return c.reshape(all, Shape.of(to, from, window.positions()), of.w());
    }

    private String padded(String input) {
        long[] pads = window.pads();
        if (Window.allEqual(pads, 0)) {
            return input;
        }
        int rank = window.rank();
        long[] all = new long[2 * rank + 4];
        System.arraycopy(pads, 0, all, 2, rank);
        System.arraycopy(pads, rank, all, rank + 4, rank);
        return c.apply("Pad", input, c.longs(all));
    }

    /** What the windows read at one position of the kernel. */
    private String cut(String padded, long position) {
        if (window.isPointwise()) {
            return padded;
        }
        int rank = window.rank();
        long[] starts = new long[rank];
        long[] ends = new long[rank];
        long rest = position;
        for (int i = rank - 1; i >= 0; i--) {
            starts[i] = window.dilations()[i] * (rest % window.kernel()[i]);
            ends[i] = starts[i] + window.strides()[i] * (window.output()[i] - 1) + 1;
            rest /= window.kernel()[i];
        }
        long[] axes = LongStream.range(2, rank + 2L).toArray();
        return c.apply("Slice", padded, c.longs(starts), c.longs(ends), c.longs(axes), c.longs(window.strides()));
    }

    /**
     * For a depthwise convolution without strides: at each column of the kernel, a convolution of X by dY for each channel
     * of each picture, where dY is as wide as X. ONNX Runtime computes a convolution with a kernel as wide as its input
     * right from that input, without copying what each position reads, which otherwise takes most of the time (3.6 against
     * 20 to 36 for a 3 x 3 on [4, 144, 56, 56]). A shift of X by a column is then a shift of its elements in a row; what
     * moves over the edge is the padding, which the next line begins with.
     */
    private String byRows(String input, String output) {
        long channels = pictures * of.groups();
        long height = window.output()[0];
        long kernelHeight = window.kernel()[0];
        long kernelWidth = window.kernel()[1];
        long left = window.begin()[1];
        long width = Math.max(window.input()[1] + Math.max(left, window.end()[1]), window.output()[1]);
        long read = height + kernelHeight - 1;
        // Where there are shifts, one line more.
        long lines = kernelWidth == 1 ? read : read + 1;
        long top = window.begin()[0];
        long[] pads = {0, 0, top, left, 0, 0, lines - window.input()[0] - top, width - window.input()[1] - left};
        String padded = Window.allEqual(pads, 0) ? input : c.apply("Pad", input, c.longs(pads));
        String line = c.apply("Reshape", padded, c.longs(1, channels, lines * width));
        String widened = output;
        if (width > window.output()[1]) {
            widened = c.apply("Pad", output, c.longs(0, 0, 0, 0, 0, 0, 0, width - window.output()[1]));
        }
        String weight = c.apply("Reshape", widened, c.longs(channels, 1, height, width));
        List<String> columns = new ArrayList<>();
        for (long column = 0; column < kernelWidth; column++) {
            String shifted = lines == read
                    ? line
                    : c.apply("Slice", line, c.longs(column), c.longs(column + read * width), c.longs(2));
            String picture = c.apply("Reshape", shifted, c.longs(1, channels, read, width));
            columns.add(c.apply("Conv", List.of(picture, weight), Map.of("group", Attribute.of(channels))));
        }
        Shape each = Shape.of(pictures, of.groups(), kernelHeight, kernelWidth);
        String all =
                kernelWidth == 1 ? columns.getFirst() : c.apply("Concat", columns, Map.of("axis", Attribute.of(3)));
        all = c.apply("Reshape", all, c.longs(each.sizes()));
        return c.reshape(pictures == 1 ? all : c.sumOver(all, 0), each.with(0, 1), of.w());
    }

    /** Of one dimension and one picture: for each group a product of dY and of X as it is read at each kernel position. */
    private String byGroup(String input, String output) {
        long groups = of.groups();
        long length = window.output()[0];
        Shape read = of.x().with(2, length);
        List<String> reads = new ArrayList<>();
        for (long position = 0; position < window.positions(); position++) {
            long begin = window.begin()[0] - position * window.dilations()[0];
            long end = length - begin - window.input()[0];
            // A negative padding takes away.
            String shifted = begin == 0 && end == 0 ? input : c.apply("Pad", input, c.longs(0, 0, begin, 0, 0, end));
            reads.add(c.reshape(shifted, read, Shape.of(groups, from, 1, length)));
        }
        String all = reads.size() == 1 ? reads.getFirst() : c.apply("Concat", reads, Map.of("axis", Attribute.of(2)));
        Shape lines = Shape.of(groups, from * window.positions(), length);
        Shape concatenated = Shape.of(groups, from, window.positions(), length);
        String right = c.permute(c.reshape(all, concatenated, lines), lines, 0, 2, 1);
        String left = c.reshape(output, of.y(), Shape.of(groups, to / groups, length));
        Shape product = Shape.of(groups, to / groups, from * window.positions());
        return c.reshape(c.apply("MatMul", left, right), product, of.w());
    }

    private static Shape swapped(Shape shape) {
        long[] sizes = shape.sizes();
        sizes[0] = shape.size(1);
        sizes[1] = shape.size(0);
        return Shape.of(sizes);
    }
}
