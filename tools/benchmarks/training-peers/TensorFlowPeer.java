import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.op.train.ResourceApplyMomentum;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/**
 * TensorFlow Java's speed at a task of {@code training-peers.py}: a graph in NHWC with gradients and updates, run by a
 * session. Arguments: MODEL TASK BATCH CLASSES THREADS SECONDS; writes JSON with {@code imagesPerSecond}.
 */
public final class TensorFlowPeer {
    private static final String CUT = "MobilenetV2_expanded_conv_15_add_58";
    private static final double WARM_UP_SHARE = 0.2;
    private static final int WARM_UP_STEPS = 2;

    private record Weights(long[] shape, float[] values) {}

    /** An operator of the model; its attributes hold whole numbers in field 8, one in field 3. */
    private record Node(String kind, List<String> reads, String written, Map<String, UnknownFieldSet> attributes) {
        long number(String name, int index) {
            UnknownFieldSet.Field numbers = attributes.get(name).getField(8);
            if (!numbers.getVarintList().isEmpty()) {
                return numbers.getVarintList().get(index);
            }
            return unpack(numbers).get(index);
        }
    }

    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final Map<String, Weights> weights = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Operand<TFloat32>> values = new HashMap<>();
    private final Random random = new Random(1);
    private final int classes;
    private boolean trained;
    /** The last loss may be above the first: momentum overshoots now and then. */
    private float least = Float.POSITIVE_INFINITY;

    private final List<Op> initial = new ArrayList<>();
    private final List<VarHandleOp> variables = new ArrayList<>();
    private final List<VarHandleOp> velocities = new ArrayList<>();
    private final List<Operand<TFloat32>> parameters = new ArrayList<>();

    /** Reads the model by the numbers that the fields have in {@code onnx.proto}: TensorFlow brings protobuf along anyway. */
    private TensorFlowPeer(Path model, int classes) throws IOException {
        this.classes = classes;
        UnknownFieldSet onnx = UnknownFieldSet.parseFrom(Files.readAllBytes(model));
        UnknownFieldSet body = message(onnx.getField(7).getLengthDelimitedList().getFirst());
        for (ByteString bytes : body.getField(5).getLengthDelimitedList()) {
            UnknownFieldSet tensor = message(bytes);
            long[] shape = unpack(tensor.getField(1)).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            var raw = tensor.getField(9).getLengthDelimitedList();
            if (!raw.isEmpty()) {
                float[] values = new float[raw.getFirst().size() / 4];
                raw.getFirst()
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer()
                        .get(values);
                weights.put(text(tensor, 8), new Weights(shape, values));
            }
        }
        for (ByteString bytes : body.getField(1).getLengthDelimitedList()) {
            UnknownFieldSet node = message(bytes);
            Map<String, UnknownFieldSet> attributes = new HashMap<>();
            for (ByteString attribute : node.getField(5).getLengthDelimitedList()) {
                attributes.put(text(message(attribute), 1), message(attribute));
            }
            List<String> reads = node.getField(1).getLengthDelimitedList().stream()
                    .map(ByteString::toStringUtf8)
                    .toList();
            nodes.add(new Node(text(node, 4), reads, text(node, 2), attributes));
        }
    }

    private static UnknownFieldSet message(ByteString bytes) {
        try {
            return UnknownFieldSet.parseFrom(bytes);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String text(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().getFirst().toStringUtf8();
    }

    /** Repeated integers, packed or not. */
    private static List<Long> unpack(UnknownFieldSet.Field field) {
        List<Long> numbers = new ArrayList<>(field.getVarintList());
        for (ByteString packed : field.getLengthDelimitedList()) {
            var input = packed.newCodedInput();
            try {
                while (!input.isAtEnd()) {
                    numbers.add(input.readRawVarint64());
                }
            } catch (IOException e) {
                throw new IllegalArgumentException(e);
            }
        }
        return numbers;
    }

    /** A constant of the trunk, or a variable of the trained part. */
    private Operand<TFloat32> weight(long[] shape, float[] values) {
        Operand<TFloat32> value = tf.constant(Shape.of(shape), DataBuffers.of(values));
        if (!trained) {
            return value;
        }
        VarHandleOp variable = variable(Shape.of(shape), value);
        variables.add(variable);
        velocities.add(variable(Shape.of(shape), tf.fill(tf.constant(shape), tf.constant(0f))));
        parameters.add(tf.readVariableOp(variable, TFloat32.class));
        return parameters.getLast();
    }

    private VarHandleOp variable(Shape shape, Operand<TFloat32> value) {
        VarHandleOp variable =
                tf.varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName("variable" + initial.size()));
        initial.add(tf.assignVariableOp(variable, value));
        return variable;
    }

    private Operand<TFloat32> convolution(Node node) {
        Operand<TFloat32> x = values.get(node.reads().getFirst());
        Weights filter = weights.get(node.reads().get(1));
        Weights bias = weights.get(node.reads().get(2));
        int out = (int) filter.shape()[0], in = (int) filter.shape()[1];
        int height = (int) filter.shape()[2], width = (int) filter.shape()[3];
        boolean depthwise =
                node.attributes().get("group").getField(3).getVarintList().getFirst() > 1;
        // OIHW to HWIO; of a depthwise filter, to HWO1.
        float[] moved = new float[filter.values().length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                for (int at = 0; at < height * width; at++) {
                    moved[(at * in + i) * out + o] = filter.values()[(o * in + i) * height * width + at];
                }
            }
        }
        long stride = node.number("strides", 0);
        List<Long> strides = List.of(1L, stride, stride, 1L);
        // The model's pads, [1, 1, 1, 1] of stride 1 and [0, 0, 1, 1] of stride 2, are what SAME means.
        if (node.number("pads", 0) != (height > 1 && stride == 1 ? 1 : 0)
                || node.number("pads", 2) != (height > 1 ? 1 : 0)) {
            throw new IllegalArgumentException("not SAME: " + node);
        }
        Operand<TFloat32> w =
                weight(depthwise ? new long[] {height, width, out, 1} : new long[] {height, width, in, out}, moved);
        Operand<TFloat32> y =
                depthwise ? tf.nn.depthwiseConv2dNative(x, w, strides, "SAME") : tf.nn.conv2d(x, w, strides, "SAME");
        return tf.nn.biasAdd(y, weight(bias.shape(), bias.values()));
    }

    /** A new classifier, as in fine-tuning. */
    private Operand<TFloat32> classifier(Node node) {
        int width = (int) weights.get(node.reads().get(1)).shape()[1];
        float[] w = new float[width * classes];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) ((random.nextDouble() * 2 - 1) / Math.sqrt(width));
        }
        Operand<TFloat32> x = values.get(node.reads().getFirst());
        return tf.nn.biasAdd(
                tf.linalg.matMul(x, weight(new long[] {width, classes}, w)),
                weight(new long[] {classes}, new float[classes]));
    }

    private void add(Node node) {
        Operand<TFloat32> x = values.get(node.reads().getFirst());
        values.put(
                node.written(),
                switch (node.kind()) {
                    case "Conv" -> convolution(node);
                    case "Clip" -> tf.nn.relu6(x);
                    case "Add" -> tf.math.add(x, values.get(node.reads().get(1)));
                    case "GlobalAveragePool" -> tf.math.mean(x, tf.constant(new int[] {1, 2}));
                    case "Flatten" -> x;
                    case "Gemm" -> classifier(node);
                    default -> throw new IllegalArgumentException("no layer for " + node.kind());
                });
    }

    private TFloat32 pictures(int batch) {
        float[] noise = new float[batch * 224 * 224 * 3];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) random.nextGaussian();
        }
        return TFloat32.tensorOf(Shape.of(batch, 224, 224, 3), DataBuffers.of(noise));
    }

    private TFloat32 labels(int batch) {
        float[] oneHot = new float[batch * classes];
        for (int i = 0; i < batch; i++) {
            oneHot[i * classes + random.nextInt(classes)] = 1;
        }
        return TFloat32.tensorOf(Shape.of(batch, classes), DataBuffers.of(oneHot));
    }

    private void measure(String task, int batch, int threads, double seconds) {
        Placeholder<TFloat32> pictures =
                tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(batch, 224, 224, 3)));
        values.put(nodes.getFirst().reads().getFirst(), pictures);
        trained = task.equals("all");
        Operand<TFloat32> features = pictures;
        Placeholder<TFloat32> input = pictures;
        for (Node node : nodes) {
            add(node);
            if (node.written().equals(CUT) && !trained) {
                trained = true;
                features = values.get(CUT);
                if (task.equals("cached")) {
                    input = tf.placeholder(TFloat32.class, Placeholder.shape(features.shape()));
                    values.put(CUT, input);
                }
            }
        }
        Operand<TFloat32> logits = values.get(nodes.getLast().written());
        Placeholder<TFloat32> labels = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(batch, classes)));
        Operand<TFloat32> loss =
                tf.math.mean(tf.nn.softmaxCrossEntropyWithLogits(logits, labels).loss(), tf.constant(0));
        Gradients gradients = tf.gradients(loss, parameters);
        List<Op> updates = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            updates.add(ResourceApplyMomentum.create(
                    tf.scope(),
                    variables.get(i),
                    velocities.get(i),
                    tf.constant(1e-3f),
                    gradients.<TFloat32>dy(i),
                    tf.constant(0.9f)));
        }
        Op train = tf.withControlDependencies(updates).noOp();
        Op start = tf.withControlDependencies(initial).noOp();

        ConfigProto config = ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(1)
                .build();
        try (Session session = new Session(graph, config);
                TFloat32 y = labels(batch)) {
            session.runner().addTarget(start).run().close();
            TFloat32 x = pictures(batch);
            if (task.equals("cached")) {
                TFloat32 fresh = x;
                x = (TFloat32) session.runner()
                        .feed(pictures, fresh)
                        .fetch(features)
                        .run()
                        .get(0);
                fresh.close();
            }
            Session.Runner step = session.runner()
                    .feed(input, x)
                    .feed(labels, y)
                    .addTarget(train)
                    .fetch(loss);
            float first = step(step);
            repeat(step, seconds * WARM_UP_SHARE);
            double perSecond = repeat(step, seconds);
            System.out.printf(Locale.ROOT, "{\"imagesPerSecond\": %.2f}%n", batch * perSecond);
            if (!(least < first)) {
                throw new IllegalStateException("nothing was learnt");
            }
            x.close();
        }
    }

    private float step(Session.Runner step) {
        try (var result = step.run()) {
            float loss = ((TFloat32) result.get(0)).getFloat();
            if (!Float.isFinite(loss)) {
                throw new IllegalStateException("training diverged");
            }
            least = Math.min(least, loss);
            return loss;
        }
    }

    /** Steps a second, slow ones included. */
    private double repeat(Session.Runner step, double seconds) {
        long start = System.nanoTime();
        int steps = 0;
        while (steps < WARM_UP_STEPS || System.nanoTime() - start < seconds * 1e9) {
            step(step);
            steps++;
        }
        return steps * 1e9 / (System.nanoTime() - start);
    }

    public static void main(String[] arguments) throws IOException {
        new TensorFlowPeer(Path.of(arguments[0]), Integer.parseInt(arguments[3]))
                .measure(
                        arguments[1],
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[4]),
                        Double.parseDouble(arguments[5]));
    }
}
