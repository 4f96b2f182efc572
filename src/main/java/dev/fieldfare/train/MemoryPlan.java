package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Trunk;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a retraining of the last layer will need, worked out before anything is loaded, and what fits into the budget.
 * The budget is the peak resident set of the whole process as the kernel counts it.
 *
 * @param budgetBytes 0 where there is none
 * @param plannedBytes the expected peak
 * @param batch pictures a step that fit
 * @param views cached views of each training picture that fit on the disk, besides the plain one
 * @param cacheBytes what the feature cache will take on the disk
 * @param featureWidth features of a picture
 * @param parameters numbers that are trained
 * @param items what the planned bytes are made of
 */
public record MemoryPlan(
        long budgetBytes,
        long plannedBytes,
        int batch,
        int views,
        long cacheBytes,
        int featureWidth,
        long parameters,
        List<TrainingReport.MemoryItem> items) {

    private static final long MIB = 1024 * 1024;

    /**
     * The JVM besides its heap: code, classes, stacks, its own libraries and the class cache. Measured on Linux x64 with
     * the launcher's options; see {@code memory.md} for the runs behind this and the other figures here.
     */
    private static final long JVM_BYTES = 60 * MIB;

    /** ONNX Runtime's library with its data, once a session is open. */
    private static final long RUNTIME_BYTES = 38 * MIB;

    /** While a network is loaded, a weight lies in memory as read, as a tensor, and as packed for the matrix kernels. */
    private static final double WEIGHT_COPIES = 3.2;

    /** The allocator rounds up and keeps room for the workspaces of convolutions. */
    private static final double ACTIVATION_COPIES = 1.5;

    public MemoryPlan {
        items = List.copyOf(items);
    }

    /**
     * Plans within the budget of the settings.
     *
     * @param pictures how many will train at most
     * @param freeDisk bytes that are free where the cache will lie
     * @param alsoHeld what the run holds besides the model and its training
     * @throws FieldfareException in one sentence, with the smallest budget that would do, if nothing fits
     */
    static MemoryPlan of(
            ClassifierModel model,
            int classes,
            int pictures,
            TrainingSettings settings,
            long freeDisk,
            AlsoHeld alsoHeld) {
        MemoryPlan plan = smallest(model, classes, pictures, settings, freeDisk, alsoHeld);
        if (!plan.fits()) {
            throw new FieldfareException("a budget of " + MemorySize.format(plan.budgetBytes) + " is too small for "
                    + model.file().getFileName() + ": retraining its last layer needs "
                    + MemorySize.format(plan.plannedBytes) + " (" + plan.inWords() + "); give --budget "
                    + MemorySize.format(plan.plannedBytes) + " or a smaller model");
        }
        return plan;
    }

    /** The plan nearest to what is asked for that fits the budget, or the smallest there is where none does. */
    static MemoryPlan smallest(
            ClassifierModel model,
            int classes,
            int pictures,
            TrainingSettings settings,
            long freeDisk,
            AlsoHeld alsoHeld) {
        Trunk trunk = model.trunk();
        Map<String, Shape> shapes = ShapeInference.of(trunk.model());
        int width = TrunkRunner.width(trunk, shapes);
        int batch = settings.batch();
        List<TrainingReport.MemoryItem> items = items(trunk, shapes, classes, width, batch, alsoHeld);
        while (settings.budgetBytes() > 0 && sum(items) > settings.budgetBytes() && batch > 1) {
            batch /= 2;
            items = items(trunk, shapes, classes, width, batch, alsoHeld);
        }
        // Half of what is free: the new model, its report and the rest of the system need room too.
        long rowBytes = (long) width * Float.BYTES;
        long rows = freeDisk / 2 / Math.max(1, rowBytes * Math.max(1, pictures));
        int views = settings.augment().noises().isEmpty()
                ? 0
                : (int) Math.max(0, Math.min(settings.augment().views(), rows - 1));
        return new MemoryPlan(
                settings.budgetBytes(),
                sum(items),
                batch,
                views,
                rowBytes * pictures * (1 + views),
                width,
                (long) classes * (width + 1),
                items);
    }

    /**
     * What a run holds besides the model and its training.
     *
     * @param pictureBytes outside of the heap while a picture is decoded, at most
     * @param incumbent the model in use, if the new one will be compared with it
     */
    record AlsoHeld(long pictureBytes, Optional<ClassifierModel> incumbent) {
        static final AlsoHeld NOTHING = new AlsoHeld(0, Optional.empty());
    }

    /** What a loaded network takes, in bytes. */
    private record Network(long weights, long activations) {
        static Network of(OnnxModel model, Map<String, Shape> shapes) {
            long weights = model.graph().initializers().values().stream()
                    .mapToLong(data -> data.type().bytes(data.shape().elements()))
                    .sum();
            return new Network((long) (WEIGHT_COPIES * weights), (long)
                    (ACTIVATION_COPIES * ActivationPeak.of(model.graph(), shapes)));
        }

        long bytes() {
            return weights + activations;
        }
    }

    /** Whether the budget suffices. */
    public boolean fits() {
        return budgetBytes == 0 || plannedBytes <= budgetBytes;
    }

    private static List<TrainingReport.MemoryItem> items(
            Trunk trunk, Map<String, Shape> shapes, int classes, int width, int batch, AlsoHeld alsoHeld) {
        long heap = Runtime.getRuntime().maxMemory();
        Network network = Network.of(trunk.model(), shapes);
        String why = "one picture at a time";
        if (alsoHeld.incumbent().isPresent()) {
            // Trunk, new and old model are loaded one after the other: the largest counts.
            OnnxModel incumbent = alsoHeld.incumbent().get().forOnePicture();
            Network old = Network.of(incumbent, ShapeInference.of(incumbent));
            if (old.bytes() > network.bytes()) {
                network = old;
                why = "one picture at a time, in the model in use, which the new one has to beat";
            }
        }
        // The weights with their gradient and two moments of Adam; features before and after scaling and dropout.
        long parameters = (long) classes * (width + 1) * Float.BYTES;
        long head = 5 * parameters + 4L * batch * width * Float.BYTES + 6L * batch * classes * Float.BYTES;
        List<TrainingReport.MemoryItem> items = new ArrayList<>();
        items.add(
                new TrainingReport.MemoryItem("Java heap", heap, "pictures while they are decoded, lists, the report"));
        items.add(new TrainingReport.MemoryItem("Java itself", JVM_BYTES, "code, classes, threads"));
        items.add(new TrainingReport.MemoryItem("ONNX Runtime", RUNTIME_BYTES, "its library and kernels"));
        if (alsoHeld.pictureBytes() > 0) {
            items.add(new TrainingReport.MemoryItem(
                    "progressive pictures", alsoHeld.pictureBytes(), "the largest, while it is decoded"));
        }
        // The trunk is closed before the head is trained, so only the larger of the two counts.
        if (network.bytes() >= head) {
            items.add(new TrainingReport.MemoryItem(
                    "network weights", network.weights(), "as read, as loaded and as packed"));
            items.add(new TrainingReport.MemoryItem("network activations", network.activations(), why));
        } else {
            items.add(new TrainingReport.MemoryItem("training", head, "weights, gradients, optimizer, one batch"));
        }
        return items;
    }

    private static long sum(List<TrainingReport.MemoryItem> items) {
        return items.stream().mapToLong(TrainingReport.MemoryItem::bytes).sum();
    }

    /** The parts, largest first: {@code Java heap 48M, network weights 31M, ...}. */
    public String inWords() {
        return items.stream()
                .sorted(Comparator.comparingLong(item -> -item.bytes()))
                .map(item -> item.name() + " " + MemorySize.format(item.bytes()))
                .collect(java.util.stream.Collectors.joining(", "));
    }
}
