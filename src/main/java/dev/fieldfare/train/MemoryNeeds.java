package dev.fieldfare.train;

import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.noise.NoisyModel;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.runtime.LoopInvariants;
import dev.fieldfare.runtime.RunMemory;
import dev.fieldfare.runtime.ShapeInference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Adds up what a retraining takes. It goes through phases that do not overlap (looking at the pictures, training,
 * checking the result), so the largest of them counts, on top of what is there all the time.
 */
final class MemoryNeeds {
    private static final long MIB = 1024 * 1024;

    /**
     * The JVM besides its heap: code, classes, stacks, its own libraries and the class cache. Measured on Linux x64 with
     * the launcher's options; see {@code memory.md} for the runs behind this and the other figures here.
     */
    private static final long JVM_BYTES = 69 * MIB;

    /** ONNX Runtime's library with its data, once a session is open. */
    private static final long RUNTIME_BYTES = 36 * MIB;

    /** What a session holds for a node: its attributes, its kernel, its place in the plans. */
    private static final long NODE_BYTES = 8 * 1024;

    /** While a network is loaded, a weight lies in memory as read, as a tensor, and as packed for the matrix kernels. */
    private static final double WEIGHT_COPIES = 3.2;

    /** Once it is loaded: as read, and as it is used. What was read of a mapped file has left memory by then. */
    private static final double LOADED_COPIES = 2.2;

    private final Network looking;
    private final long made;
    private final Optional<Network> incumbent;
    private final PictureReader.Needs decoding;
    private final long trialBytes;
    private final int members;
    private final boolean sampled;
    private final int pictures;

    /**
     * What a network takes, in bytes.
     *
     * @param weights once it is loaded
     * @param loading more than that while it is loaded, when nothing runs yet
     * @param activations of one picture
     */
    private record Network(long weights, long loading, long activations) {
        static Network of(OnnxModel stored) {
            OnnxModel model = NoisyModel.settled(stored, ShapeInference::of);
            long constants = constants(model.graph());
            return new Network(
                    (long) (LOADED_COPIES * constants) - mapped(model.graph()),
                    (long) ((WEIGHT_COPIES - LOADED_COPIES) * constants),
                    running(model, 1));
        }

        /** Besides the weights, for so many pictures at once, by as many threads. */
        long working(int workers) {
            return Math.max(loading, workers * activations);
        }

        long bytes(int workers) {
            return weights + working(workers);
        }

        /** Two of it, of which the second is handed over in memory. */
        long twice() {
            return 2 * weights + 2 * loading + activations;
        }

        List<TrainingReport.MemoryItem> items(int workers, String which) {
            boolean load = loading > workers * activations;
            return List.of(
                    item("network weights", weights, "as loaded" + which),
                    item(
                            "network activations",
                            working(workers),
                            load
                                    ? "less than what loading takes besides"
                                    : workers == 1 ? "one picture at a time" : workers + " pictures at a time"));
        }
    }

    /**
     * What a run holds besides the model and its training.
     *
     * @param decoding of any picture
     * @param incumbent the model in use, if the new one will be compared with it
     * @param trialBytes what many trainings one after the other leave behind in the heap and between the sessions
     */
    record AlsoHeld(PictureReader.Needs decoding, Optional<ClassifierModel> incumbent, long trialBytes) {
        static final AlsoHeld NOTHING = new AlsoHeld(PictureReader.Needs.NOTHING, Optional.empty(), 0);
    }

    /**
     * Looks at a network.
     *
     * @param trunk everything before its last layer
     * @param members of an ensemble, whose weights are held until the last is trained
     * @param sampled whether the new model is measured with samples of its noise, too, by a second network in memory
     * @param pictures how many there are at most
     */
    MemoryNeeds(OnnxModel trunk, AlsoHeld alsoHeld, int members, boolean sampled, int pictures) {
        this.pictures = pictures;
        this.members = members;
        this.sampled = sampled;
        this.looking = Network.of(trunk);
        Graph settled = NoisyModel.settled(trunk, ShapeInference::of).graph();
        this.made = constants(settled) - mapped(settled);
        this.incumbent = alsoHeld.incumbent().map(model -> Network.of(model.forOnePicture()));
        this.decoding = alsoHeld.decoding();
        this.trialBytes = alsoHeld.trialBytes();
    }

    /**
     * What training takes.
     *
     * @param head what is trained, as it will be trained
     * @param trunk the frozen part, where it runs during training
     */
    Training training(HeadGraph head, Optional<OnnxModel> trunk) {
        return Training.of(head, trunk.map(Network::of), made, members);
    }

    /**
     * The parts of the peak.
     *
     * @param lookers threads that look at pictures at the same time, before training
     */
    List<TrainingReport.MemoryItem> items(int lookers, Training training) {
        List<TrainingReport.MemoryItem> items = new ArrayList<>();
        long heap = JavaHeap.planned(pictures, training.graphNodes(), decoding.heap());
        items.add(item("Java heap", heap, "pictures while they are decoded, lists, the report"));
        items.add(item("Java itself", JVM_BYTES, "code, classes, threads"));
        items.add(item("ONNX Runtime", RUNTIME_BYTES, "its library and kernels"));
        if (decoding.outside() > 0) {
            items.add(item("progressive pictures", decoding.outside(), "the largest, while it is decoded"));
        }
        if (trialBytes > 0) {
            items.add(item("trials", trialBytes, "what many trainings leave behind"));
        }
        long look = looking.bytes(lookers);
        long check = incumbent.map(network -> network.bytes(1)).orElse(0L);
        long last = lastLayers(training.matrix());
        long finish = looking.bytes(1) + last;
        long measure = sampled ? looking.twice() + 2 * last : 0;
        long train = training.sum();
        if (finish > train && finish > look && finish > check && finish > measure) {
            items.addAll(looking.items(1, ", of the new model, which is measured"));
            items.add(item("last layer", last, "with what tells known pictures from unknown ones"));
        } else if (measure > train && measure > look && measure > check) {
            items.add(item("measuring", measure, "the new network twice: for single looks, and to be sampled"));
        } else if (train >= look && train >= check) {
            items.addAll(training.items());
        } else if (look >= check) {
            items.addAll(looking.items(lookers, ""));
        } else {
            items.addAll(incumbent.orElseThrow().items(1, ", of the model in use, which the new one has to beat"));
        }
        return items;
    }

    /** What a training takes by itself, where all it reads is cached. */
    long trainingBytes(HeadGraph head) {
        return Training.of(head, Optional.empty(), 0, 1).sum();
    }

    /** Of the new model, as it is loaded: a weight for each feature and class, of each member, and once the classes' means. */
    private long lastLayers(long matrix) {
        return (long) (WEIGHT_COPIES * (members + 1) * matrix);
    }

    /**
     * What training itself takes, in bytes.
     *
     * @param portions how a batch is cut up
     * @param matrix of the last layer
     * @param graphNodes of all sessions
     */
    record Training(
            Portions portions,
            long matrix,
            long parameters,
            long frozen,
            long graphNodes,
            long activations,
            long trunk) {
        /** @param made bytes of weights that are not those of the file, but were computed from them */
        private static Training of(HeadGraph head, Optional<Network> trunk, long made, int members) {
            TrainingGraph graph = head.training();
            int workers = head.portions().workers();
            long parameters = bytes(graph.parameters());
            // The weights, those of the best epoch and of the start; their gradients; the optimizer's state; and the
            // weights as they are turned and laid out once a step.
            long held = (3 + workers) * parameters
                    + bytes(graph.states())
                    + bytes(head.gradients().handedOver())
                    + bytes(head.forward().handedOver());
            // Members that are done, and their mean.
            held += members > 1 ? members * parameters : 0;
            // Each worker has sessions of its own, and there are some for all.
            List<OnnxModel> own =
                    List.of(head.gradients().each(), head.forward().each());
            List<OnnxModel> updates = graph.updateShares(workers);
            List<OnnxModel> preparing = Stream.of(head.gradients(), head.forward())
                    .map(LoopInvariants::once)
                    .filter(Objects::nonNull)
                    .toList();
            long frozen = made + (long) (WEIGHT_COPIES * (workers * constants(own) + constants(preparing)));
            long nodes = workers * nodes(own) + nodes(updates) + nodes(preparing);
            int threads = head.portions().threads();
            // Sessions keep what they once took: the update runs after the gradients, and both after a look.
            long activations = running(own, threads);
            long sharing = running(updates, threads) + running(preparing, workers * threads);
            return new Training(
                    head.portions(),
                    (long) Float.BYTES * head.classes() * head.suffix().width(),
                    held,
                    frozen,
                    nodes,
                    workers * (activations + bytes(graph.data())) + sharing,
                    trunk.map(network -> network.bytes(lookers(head.portions())))
                            .orElse(0L));
        }

        /** Pictures that the trunk looks at in the same moment. */
        private static int lookers(Portions portions) {
            return portions.workers() * Math.min(portions.threads(), portions.microBatch());
        }

        private long sessions() {
            return graphNodes * NODE_BYTES;
        }

        private long sum() {
            return parameters + frozen + sessions() + activations + trunk;
        }

        private List<TrainingReport.MemoryItem> items() {
            List<TrainingReport.MemoryItem> items = new ArrayList<>();
            items.add(item("trained weights", parameters, "weights, gradients, optimizer, the best so far"));
            items.add(item("frozen weights", frozen, "those between and behind the trained ones"));
            items.add(item("training graphs", sessions(), "as loaded"));
            items.add(item(
                    "activations",
                    activations,
                    portions.microBatch() + " pictures at a time"
                            + (portions.workers() > 1 ? ", " + portions.workers() + " threads" : "")));
            if (trunk > 0) {
                items.add(item("frozen network", trunk, "run for every look"));
            }
            return items;
        }
    }

    private static long running(OnnxModel model, int threads) {
        return RunMemory.of(model.graph(), ShapeInference.values(model), threads)
                .arenaBytes();
    }

    /** What they take of the arenas of their sessions. */
    private static long running(List<OnnxModel> models, int threads) {
        return models.stream().mapToLong(model -> running(model, threads)).sum();
    }

    private static long nodes(List<OnnxModel> models) {
        return models.stream().mapToLong(model -> model.graph().nodes().size()).sum();
    }

    private static long constants(List<OnnxModel> models) {
        return models.stream().mapToLong(model -> constants(model.graph())).sum();
    }

    private static long bytes(Collection<Value> values) {
        return values.stream()
                .mapToLong(value ->
                        Float.BYTES * Objects.requireNonNull(value.shape()).elements())
                .sum();
    }

    private static long constants(Graph graph) {
        return graph.initializers().values().stream()
                .mapToLong(data -> data.type().bytes(data.shape().elements()))
                .sum();
    }

    private static long mapped(Graph graph) {
        return graph.initializers().values().stream()
                .filter(TensorData::isMapped)
                .mapToLong(data -> data.type().bytes(data.shape().elements()))
                .sum();
    }

    private static TrainingReport.MemoryItem item(String name, long bytes, String why) {
        return new TrainingReport.MemoryItem(name, bytes, why);
    }
}
