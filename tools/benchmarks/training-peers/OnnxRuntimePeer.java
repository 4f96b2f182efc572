import static org.bytedeco.onnxruntime.global.onnxruntime.ORT_ENABLE_ALL;
import static org.bytedeco.onnxruntime.global.onnxruntime.ORT_LOGGING_LEVEL_ERROR;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.onnxruntime.AllocatorWithDefaultOptions;
import org.bytedeco.onnxruntime.Env;
import org.bytedeco.onnxruntime.IoBinding;
import org.bytedeco.onnxruntime.LongVector;
import org.bytedeco.onnxruntime.OrtAllocator;
import org.bytedeco.onnxruntime.RunOptions;
import org.bytedeco.onnxruntime.Session;
import org.bytedeco.onnxruntime.SessionOptions;
import org.bytedeco.onnxruntime.Value;

/**
 * The speed of ONNX Runtime's training operators at a task of {@code training-peers.py}, in JavaCPP's build of it, which
 * still has them. Arguments: FOLDER TASK BATCH CLASSES THREADS SECONDS, with the folder that {@code onnxruntime-graphs.py}
 * has written; writes JSON with {@code imagesPerSecond}.
 */
public final class OnnxRuntimePeer {
    private static final String CUT = "MobilenetV2_expanded_conv_15_add_58";
    private static final String NEXT = ".next";
    private static final double WARM_UP_SHARE = 0.2;
    private static final int WARM_UP_STEPS = 2;

    private final OrtAllocator allocator = new OrtAllocator(new AllocatorWithDefaultOptions().asUnownedAllocator());
    private final Env environment = new Env(ORT_LOGGING_LEVEL_ERROR, "peer");
    private final RunOptions run = new RunOptions();
    private final SessionOptions options = new SessionOptions();
    private final Random random = new Random(1);
    private final Path folder;
    private final Value loss = tensor();
    /** The last loss may be above the first: momentum overshoots now and then. */
    private float least = Float.POSITIVE_INFINITY;

    private OnnxRuntimePeer(Path folder, int threads) {
        this.folder = folder;
        options.SetIntraOpNumThreads(threads);
        options.SetInterOpNumThreads(1);
        options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    }

    private Session session(String name) {
        return new Session(
                environment, new BytePointer(folder.resolve(name + ".onnx").toString()), options);
    }

    private Value tensor(long... shape) {
        return Value.CreateTensorFloat(allocator, shape, shape.length);
    }

    private Value pictures(int batch) {
        Value pictures = tensor(batch, 3, 224, 224);
        FloatPointer data = pictures.GetTensorMutableDataFloat();
        for (long i = 0; i < batch * 3L * 224 * 224; i++) {
            data.put(i, (float) random.nextGaussian());
        }
        return pictures;
    }

    private Value labels(int batch, int classes) {
        Value labels = Value.CreateTensorLong(allocator, new long[] {batch}, 1);
        LongPointer data = labels.GetTensorMutableDataLong();
        for (int i = 0; i < batch; i++) {
            data.put(i, random.nextInt(classes));
        }
        return labels;
    }

    private Value features(Value pictures, int batch) {
        try (Session trunk = session("trunk");
                IoBinding binding = new IoBinding(trunk)) {
            Value features = tensor(batch, 160, 7, 7);
            binding.BindInput("input", pictures);
            binding.BindOutput(CUT, features);
            trunk.Run(run, binding);
            return features;
        }
    }

    /** The parameters and velocities, with names of what they become. */
    private record State(List<String> names, List<Value> values) {}

    private State state(Session session) {
        State state = new State(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < session.GetOutputCount(); i++) {
            String name = session.GetOutputNameAllocated(i, allocator).getString();
            if (name.endsWith(NEXT)) {
                LongVector shape =
                        session.GetOutputTypeInfo(i).GetTensorTypeAndShapeInfo().GetShape();
                state.names().add(name);
                state.values().add(tensor(shape.get()));
            }
        }
        return state;
    }

    /** A step from one state, or from the graph's initial one, to another. */
    private IoBinding step(Session session, String input, Value x, Value y, State from, State to) {
        IoBinding binding = new IoBinding(session);
        binding.BindInput(input, x);
        binding.BindInput("labels", y);
        binding.BindOutput("loss", loss);
        for (int i = 0; i < to.names().size(); i++) {
            String name = to.names().get(i);
            binding.BindOutput(name, to.values().get(i));
            if (from != null) {
                binding.BindInput(
                        name.substring(0, name.length() - NEXT.length()),
                        from.values().get(i));
            }
        }
        return binding;
    }

    private void measure(String task, int batch, int classes, double seconds) {
        Value x = pictures(batch);
        if (task.equals("cached")) {
            Value fresh = x;
            x = features(fresh, batch);
            fresh.deallocate();
        }
        Value y = labels(batch, classes);
        Session session = session(task);
        String input = task.equals("cached") ? CUT : "input";
        State one = state(session), other = state(session);
        float first = run(session, step(session, input, x, y, null, one));
        IoBinding[] steps = {step(session, input, x, y, one, other), step(session, input, x, y, other, one)};
        repeat(session, steps, seconds * WARM_UP_SHARE);
        double perSecond = repeat(session, steps, seconds);
        System.out.printf(Locale.ROOT, "{\"imagesPerSecond\": %.2f}%n", batch * perSecond);
        if (!(least < first)) {
            throw new IllegalStateException("nothing was learnt");
        }
    }

    private float run(Session session, IoBinding step) {
        session.Run(run, step);
        float now = loss.GetTensorMutableDataFloat().get();
        if (!Float.isFinite(now)) {
            throw new IllegalStateException("training diverged");
        }
        least = Math.min(least, now);
        return now;
    }

    /** Steps a second, slow ones included; always an even number of them. */
    private double repeat(Session session, IoBinding[] steps, double seconds) {
        long start = System.nanoTime();
        int count = 0;
        while (count < WARM_UP_STEPS || System.nanoTime() - start < seconds * 1e9) {
            for (IoBinding step : steps) {
                run(session, step);
                count++;
            }
        }
        return count * 1e9 / (System.nanoTime() - start);
    }

    public static void main(String[] arguments) {
        new OnnxRuntimePeer(Path.of(arguments[0]), Integer.parseInt(arguments[4]))
                .measure(
                        arguments[1],
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]),
                        Double.parseDouble(arguments[5]));
    }
}
