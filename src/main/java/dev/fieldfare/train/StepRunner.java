package dev.fieldfare.train;

import dev.fieldfare.autodiff.MovingAverage;
import dev.fieldfare.autodiff.TrainingGraph;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.noise.NoiseInput;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.OnnxModel;
import dev.fieldfare.onnx.Value;
import dev.fieldfare.predict.Classifier;
import dev.fieldfare.predict.Temperature;
import dev.fieldfare.runtime.Session;
import dev.fieldfare.runtime.SessionSettings;
import dev.fieldfare.runtime.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Runs the graphs of a head over batches, with every tensor where it lies. A batch is cut into micro-batches, and these
 * are shared by workers: each has inputs and gradients of its own and takes every n-th micro-batch, so that sums are
 * always made in the same order.
 */
final class StepRunner implements AutoCloseable {
    private final HeadGraph graph;
    private final Inputs inputs;
    private final SessionSettings settings;
    private final Map<String, Tensor> shared = new LinkedHashMap<>();
    private final List<Update> updates = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    private final Workers threads;
    private final PreparedWeights forGradients;
    private final PreparedWeights forLooks;

    /** What came of a batch: the sum of its pictures' losses, and a row of logits for each picture. */
    record Outcome(double loss, float[][] logits) {}

    StepRunner(HeadGraph graph, Inputs inputs) {
        this.graph = graph;
        this.inputs = inputs;
        TrainingGraph training = graph.training();
        settings = SessionSettings.ofThreads(graph.portions().threads());
        training.scalars().forEach(scalar -> shared.put(scalar, Tensor.zeros()));
        training.parameters().forEach(value -> shared.put(value.name(), zeros(value)));
        training.states().forEach(value -> shared.put(value.name(), zeros(value)));
        training.carried().values().forEach(value -> shared.put(value.name(), zeros(value)));
        int processors = graph.portions().workers() * graph.portions().threads();
        forGradients = new PreparedWeights(graph.gradients(), processors);
        forLooks = new PreparedWeights(graph.forward(), processors);
        for (int i = 0; i < graph.portions().workers(); i++) {
            workers.add(new Worker(i));
        }
        Map<String, Tensor> tensors = new HashMap<>(shared);
        workers.forEach(worker -> tensors.putAll(worker.gradients));
        for (OnnxModel share : training.updateShares(workers.size())) {
            // Workers without a share rest meanwhile.
            int own = share == training.update() ? processors : graph.portions().threads();
            updates.add(new Update(share, tensors, own));
        }
        threads = new Workers(workers.size());
    }

    /** A part of the update, and the tensors that it reads and writes. */
    private final class Update {
        private final Session session;
        private final Map<String, Tensor> read = new LinkedHashMap<>();
        private final Map<String, Tensor> written = new LinkedHashMap<>();

        Update(OnnxModel model, Map<String, Tensor> all, int threads) {
            session = Session.open("the update", model, SessionSettings.ofThreads(threads));
            for (Value value : model.graph().inputs()) {
                read.put(value.name(), Objects.requireNonNull(all.get(value.name()), value.name()));
            }
            // Updated tensors are written over the ones that were read: weights never leave native memory.
            Map<String, String> pinned = graph.training().pinnedUpdates();
            for (Value value : model.graph().outputs()) {
                written.put(value.name(), tensor(Objects.requireNonNull(pinned.get(value.name()))));
            }
        }

        boolean run() {
            session.run(read, written);
            return true;
        }
    }

    private static Tensor zeros(Value value) {
        return Tensor.zeros(Objects.requireNonNull(value.shape()));
    }

    private Tensor tensor(String name) {
        return Objects.requireNonNull(shared.get(name), name);
    }

    /** The parameters as they stand, by name. */
    Map<String, Tensor> parameters() {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        graph.training().parameters().forEach(value -> parameters.put(value.name(), tensor(value.name())));
        return parameters;
    }

    /**
     * Everything that the next step depends on and that a step changes, by name: parameters, the optimizer's state, and
     * each worker's statistics; the elements themselves.
     */
    Map<String, FloatBuffer> state() {
        Map<String, FloatBuffer> state = new LinkedHashMap<>();
        parameters().forEach((name, tensor) -> state.put(name, tensor.elements()));
        graph.training()
                .states()
                .forEach(value -> state.put(value.name(), tensor(value.name()).elements()));
        for (Worker worker : workers) {
            worker.carried.forEach((name, tensor) -> state.put(name + "." + worker.number, tensor.elements()));
        }
        return state;
    }

    /**
     * The parameters as they are used: their moving averages, where these are kept; and the statistics, as the mean of
     * what the workers have.
     */
    Map<String, Tensor> used() {
        Map<String, Tensor> used = parameters();
        used.replaceAll((name, tensor) -> shared.getOrDefault(UpdateRule.state(name, MovingAverage.AVERAGE), tensor));
        for (Value carried : graph.training().carried().values()) {
            FloatBuffer mean = tensor(carried.name()).elements();
            List<FloatBuffer> own = workers.stream()
                    .map(worker -> worker.own(carried.name()).elements())
                    .toList();
            for (int i = 0; i < mean.capacity(); i++) {
                double sum = 0;
                for (FloatBuffer one : own) {
                    sum += one.get(i);
                }
                mean.put(i, (float) (sum / own.size()));
            }
            used.put(carried.name(), tensor(carried.name()));
        }
        return used;
    }

    /** Begins anew: forgets the optimizer's state and takes these values, or zero, for the parameters. */
    void start(Map<String, FloatBuffer> values) {
        for (Value carried : graph.training().carried().values()) {
            FloatBuffer from = Objects.requireNonNull(values.get(carried.name()), carried.name());
            workers.forEach(worker -> worker.own(carried.name()).elements().put(from.duplicate()));
        }
        graph.training().states().forEach(value -> tensor(value.name()).clear());
        parameters().forEach((name, tensor) -> {
            tensor.clear();
            FloatBuffer from = values.get(name);
            if (from != null) {
                tensor.elements().put(from.duplicate());
            }
            Tensor average = shared.get(UpdateRule.state(name, MovingAverage.AVERAGE));
            if (average != null) {
                average.elements().put(tensor.elements());
            }
        });
    }

    /**
     * One step: gradients over the batch, then the update.
     *
     * @param scalars of the update graph
     * @param seed of the noise
     */
    Outcome step(Batch batch, Map<String, Float> scalars, Seed seed) {
        forGradients.renew(parameters());
        Outcome outcome = run(batch, true, worker -> worker.gradients(batch, seed));
        scalars.forEach((name, value) -> tensor(name).set(value));
        if (updates.size() == 1) {
            updates.getFirst().run();
        } else {
            threads.all(updates.stream()
                    .<Callable<Boolean>>map(update -> update::run)
                    .toList());
        }
        return outcome;
    }

    /** The head on plain pictures as it is used: no dropout, averaged weights. */
    float[][] look(Batch batch) {
        Map<String, Tensor> used = used();
        forLooks.renew(used);
        used.putAll(forLooks.tensors());
        return run(batch, false, worker -> worker.look(batch, used)).logits();
    }

    /** What the head says of plain pictures. A model that has diverged has no probabilities: its loss is no number. */
    Answers answers(Examples examples) {
        Answers answers = Answers.of(examples.labels());
        look(examples, answers::set);
        return answers;
    }

    /**
     * The same as a finished model would say it: each picture at the temperature that the others ask for. How sure a network
     * is of itself comes of how long and how deep it was trained, and is put right in the end anyway.
     */
    Answers calibrated(Examples examples) {
        List<List<float[]>> looks = new ArrayList<>();
        look(examples, (picture, probabilities) -> looks.add(List.of(probabilities)));
        List<float[]> tempered = Temperature.crossFitted(looks, examples.labels());
        Answers answers = Answers.of(examples.labels());
        for (int i = 0; i < tempered.size(); i++) {
            answers.set(i, tempered.get(i));
        }
        return answers;
    }

    private void look(Examples examples, Listener listener) {
        int count = examples.labels().length;
        int batch = graph.portions().batch();
        for (int start = 0; start < count; start += batch) {
            int size = Math.min(batch, count - start);
            int[] pictures = Arrays.copyOfRange(examples.pictures(), start, start + size);
            float[][] logits = look(new Batch(pictures, new int[size], new float[0][], 0, start));
            for (int i = 0; i < size; i++) {
                listener.accept(start + i, Classifier.softmax(logits[i]));
            }
        }
    }

    private interface Listener {
        void accept(int picture, float[] probabilities);
    }

    private interface Task {
        double run(Worker worker);
    }

    private Outcome run(Batch batch, boolean training, Task task) {
        float[][] logits = new float[batch.size()][];
        List<Callable<Double>> tasks = new ArrayList<>();
        for (Worker worker : workers) {
            worker.out = logits;
            tasks.add(() -> task.run(worker));
        }
        double loss = 0;
        for (double part : threads.all(tasks)) {
            loss += part;
        }
        return new Outcome(training ? loss * batch.size() : 0, logits);
    }

    /**
     * Inputs, gradients and running statistics of one thread, and sessions, which are small as the weights are inputs:
     * runs of one session at the same time would mix in its arena and take more memory than could be planned.
     */
    private final class Worker {
        private final int number;
        private final Session gradientSession;
        private final Session lookSession;
        private final Map<String, Tensor> data = new LinkedHashMap<>();
        private final Map<String, Tensor> gradients = new LinkedHashMap<>();
        private final Map<String, Tensor> carried = new LinkedHashMap<>();
        private final Map<String, Tensor> outputs = new LinkedHashMap<>();
        private final Tensor loss = Tensor.zeros();
        private final Tensor logits;
        private final Workers readers = new Workers(graph.portions().threads());
        private float[][] out = new float[0][];

        Worker(int number) {
            this.number = number;
            TrainingGraph training = graph.training();
            gradientSession = Session.open("the gradients", graph.gradients().each(), settings);
            lookSession = Session.open("the head", graph.forward().each(), settings);
            training.data().forEach(value -> data.put(value.name(), zeros(value)));
            training.parameters()
                    .forEach(value -> gradients.put(UpdateRule.gradient(value.name(), number), zeros(value)));
            training.carried().values().forEach(value -> carried.put(value.name(), zeros(value)));
            logits = Tensor.zeros(graph.portions().microBatch(), graph.classes());
            outputs.put(training.loss(), loss);
            outputs.put(HeadGraph.LOGITS, logits);
            training.pinnedGradients().forEach((output, tensor) -> outputs.put(output, own(tensor)));
        }

        /** This worker's tensor for one that the graph names as if there were one worker. */
        private Tensor own(String name) {
            Tensor own = data.getOrDefault(name, carried.get(name));
            if (own == null) {
                own = gradients.get(number == 0 ? name : name + "." + number);
            }
            return own == null ? tensor(name) : own;
        }

        /** The tensors for a graph's inputs: these, and the worker's for the others. */
        private Map<String, Tensor> given(OnnxModel model, Map<String, Tensor> these) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            for (Value input : model.graph().inputs()) {
                Tensor tensor = these.get(input.name());
                given.put(input.name(), tensor == null ? own(input.name()) : tensor);
            }
            return given;
        }

        double gradients(Batch batch, Seed seed) {
            int micro = graph.portions().microBatch();
            double sum = 0;
            if (graph.portions().accumulate() || (long) number * micro >= batch.size()) {
                gradients.values().forEach(Tensor::clear);
            }
            for (int start = number * micro; start < batch.size(); start += workers.size() * micro) {
                fill(batch, start);
                // The graph takes the mean over its rows; the batch has its own number.
                float share = (float) micro / batch.size();
                FloatBuffer targets = own(HeadGraph.TARGETS).elements();
                for (int i = start; i < start + micro; i++) {
                    for (int c = 0; c < graph.classes(); c++) {
                        targets.put(i < batch.size() ? share * batch.targets()[i][c] : 0);
                    }
                }
                draw(batch, start, seed);
                gradientSession.run(given(graph.gradients().each(), forGradients.tensors()), outputs);
                sum += loss.elements().get(0);
                keep(batch, start);
            }
            return sum;
        }

        private void draw(Batch batch, int start, Seed seed) {
            for (NoiseInput input : graph.noise()) {
                FloatBuffer z = own(input.name()).elements();
                if (input.each() == NoiseInput.Each.STEP) {
                    input.draw(z, seed, batch.epoch(), batch.first());
                    continue;
                }
                for (int i = start; i < start + graph.portions().microBatch(); i++) {
                    // Drawn for each picture, so that it does not matter how the batch is cut up.
                    input.draw(z, seed, batch.epoch(), batch.first() + i);
                }
            }
        }

        double look(Batch batch, Map<String, Tensor> used) {
            int micro = graph.portions().microBatch();
            Map<String, Tensor> given = given(graph.forward().each(), used);
            for (int start = number * micro; start < batch.size(); start += workers.size() * micro) {
                fill(batch, start);
                lookSession.run(given, Map.of(HeadGraph.LOGITS, logits));
                keep(batch, start);
            }
            return 0;
        }

        /**
         * Reads a micro-batch, with the threads that will then share its operators. The last one is filled up with
         * pictures whose targets are zero: they have no part in the loss.
         */
        private void fill(Batch batch, int start) {
            FloatBuffer buffer = own(graph.suffix().cut()).elements();
            int size = Math.min(graph.portions().microBatch(), batch.size() - start);
            int row = buffer.capacity() / graph.portions().microBatch();
            List<Callable<Integer>> shares = new ArrayList<>();
            for (int first = 0; first < Math.min(size, readers.count()); first++) {
                int from = first;
                shares.add(() -> {
                    for (int i = from; i < size; i += readers.count()) {
                        inputs.read(batch, start + i, buffer.slice(i * row, row));
                    }
                    return from;
                });
            }
            readers.all(shares);
            for (int i = size; i < graph.portions().microBatch(); i++) {
                buffer.put(i * row, buffer, 0, row);
            }
        }

        private void keep(Batch batch, int start) {
            FloatBuffer rows = logits.elements();
            for (int i = start;
                    i < Math.min(batch.size(), start + graph.portions().microBatch());
                    i++) {
                out[i] = new float[graph.classes()];
                rows.get(out[i]);
            }
        }

        void close() {
            readers.close();
            gradientSession.close();
            lookSession.close();
            data.values().forEach(Tensor::close);
            gradients.values().forEach(Tensor::close);
            carried.values().forEach(Tensor::close);
            loss.close();
            logits.close();
        }
    }

    @Override
    public void close() {
        threads.close();
        updates.forEach(update -> update.session.close());
        forGradients.close();
        forLooks.close();
        workers.forEach(Worker::close);
        shared.values().forEach(Tensor::close);
    }
}
