package dev.fieldfare.train;

import dev.fieldfare.image.Picture;
import dev.fieldfare.model.ModelCard;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.predict.Comparison;
import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.predict.TemperatureFit;
import dev.fieldfare.train.TrainingReport.Best;
import dev.fieldfare.train.TrainingReport.Data;
import dev.fieldfare.train.TrainingReport.Epoch;
import dev.fieldfare.train.TrainingReport.Memory;
import dev.fieldfare.train.TrainingReport.MemoryItem;
import dev.fieldfare.train.TrainingReport.Mistake;
import dev.fieldfare.train.TrainingReport.Skipped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A report as a training could have made it, with the parts that tests vary. */
final class SampleReport {
    List<String> labels = List.of("cardboard", "glass", "metal", "paper", "plastic", "trash");
    int images = 100;
    int held = 100;
    int epochs = 14;
    boolean incumbent = true;
    boolean averaged = true;
    boolean promoted = true;
    boolean mistaken = true;
    boolean calibrated = true;
    long budget = 192L << 20;
    long peak = 171L << 20;
    String folder = "/home/pi/pictures/trash";
    String model = "/home/pi/models/trash/model.onnx";

    TrainingReport report() {
        int[] truth = IntStream.range(0, images).map(i -> i % labels.size()).toArray();
        List<float[]> young = predictions(truth, 7, 1.9);
        List<float[]> old = predictions(truth, 8, 1.5);
        Evaluation test = Evaluation.of(labels, truth, young, "none", 1);
        List<Epoch> passes = new ArrayList<>();
        for (int i = 1; i <= epochs; i++) {
            double late = Math.max(0, i - 9) * 0.03;
            passes.add(new Epoch(
                    i,
                    0.001 * (1 + Math.cos(Math.PI * i / epochs)) / 2,
                    1.6 * Math.exp(-i / 3.0) + 0.11,
                    0.985 - 0.6 * Math.exp(-i / 2.5),
                    1.5 * Math.exp(-i / 3.2) + 0.24 + late,
                    0.93 - 0.5 * Math.exp(-i / 2.2) - late / 4,
                    0.42));
        }
        Epoch best = passes.get(Math.min(9, epochs) - 1);
        return new TrainingReport(
                "3",
                model,
                "mobilenetv2.onnx (sha256 3f2a9c…)",
                labels,
                "last: classifier.weight [" + labels.size() + " x 1280], classifier.bias [" + labels.size() + "]",
                labels.size() * 1281L,
                memory(),
                data(),
                passes,
                "early stopping: the validation loss has not fallen for 5 epochs",
                new Best(best.epoch(), best.validationLoss(), best.validationAccuracy()),
                test,
                averaged ? Evaluation.of(labels, truth, predictions(truth, 7, 2.1), "crops:5+flip", 10) : null,
                incumbent ? Evaluation.of(labels, truth, old, "none", 1) : null,
                incumbent ? Comparison.of(truth, old, young) : null,
                promoted,
                incumbent ? Comparison.of(truth, old, young).reason() : "there was no model for these labels",
                calibrated
                        ? new TrainingReport.Calibration(
                                1.31,
                                new TemperatureFit("none", 1.31, images, 0.402, 0.371, 0.061, 0.032),
                                new TemperatureFit("crops:5+flip", 0.87, images, 0.359, 0.351, 0.044, 0.029),
                                "")
                        : new TrainingReport.Calibration(1, null, null, "calibrate is false"),
                new ModelCard.Unknown(0.3, 0.81),
                mistaken ? mistakes(truth, young) : List.of(),
                settings(),
                48.31,
                20260101);
    }

    /** Pictures of nothing in particular for the mistakes of a report; the last has none. */
    static Map<String, byte[]> thumbnails(TrainingReport report) {
        Map<String, byte[]> thumbnails = new LinkedHashMap<>();
        List<Mistake> shown = ReportFile.shown(report.mistakes());
        for (int i = 0; i < shown.size() - 1; i++) {
            int width = i % 3 == 0 ? 240 : 320;
            byte[] rgb = new byte[width * 280 * 3];
            for (int at = 0; at < rgb.length; at++) {
                rgb[at] = (byte) (60 + 12 * i + (at % 3) * 40 * (at / 3 % width) / width + 60 * at / rgb.length);
            }
            thumbnails.put(shown.get(i).file(), Thumbnail.jpeg(new Picture(width, 280, rgb)));
        }
        return thumbnails;
    }

    private Memory memory() {
        return new Memory(
                budget,
                180L << 20,
                peak,
                List.of(
                        new MemoryItem("Java", 58L << 20, "heap, code and threads of the program"),
                        new MemoryItem("engine", 31L << 20, "ONNX Runtime's library"),
                        new MemoryItem("trunk", 62L << 20, "weights and one picture's values, at batch 1"),
                        new MemoryItem("features", 6L << 20, "window onto the cached features, which lie in a file"),
                        new MemoryItem("training graph", 15L << 20, "head, gradients and Adam's two moments"),
                        new MemoryItem("pictures", 8L << 20, "one decoded picture of 12 megapixels at 1/8")));
    }

    private Data data() {
        return new Data(
                folder,
                620,
                430,
                90,
                held,
                41,
                17,
                List.of(
                        new Skipped("glass/IMG_0231.jpg", "the file ends in the middle of the picture"),
                        new Skipped("paper/notes.txt", "not a picture")),
                "stratified 70 : 15 : 15, capture sessions and near-identical pictures on one side");
    }

    private List<Mistake> mistakes(int[] truth, List<float[]> predictions) {
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < truth.length; i++) {
            float[] probabilities = predictions.get(i);
            int predicted = IntStream.range(0, probabilities.length)
                    .reduce(0, (best, at) -> probabilities[at] > probabilities[best] ? at : best);
            if (predicted != truth[i]) {
                mistakes.add(new Mistake(
                        labels.get(truth[i]) + "/IMG_" + (1000 + i) + ".jpg",
                        labels.get(truth[i]),
                        labels.get(predicted),
                        probabilities[predicted]));
            }
        }
        return mistakes;
    }

    private static Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("optimizer", "Adam, beta1 0.9, beta2 0.999");
        settings.put("learningRate", 0.001);
        settings.put("batch", 32);
        settings.put("views", List.of("flip", "crop 0.8–1", "cutout 0.25"));
        settings.put("labelSmoothing", 0.1);
        return settings;
    }

    private List<float[]> predictions(int[] truth, int stream, double strength) {
        RandomGenerator random = new Seed(1).generator("sample report", stream);
        List<float[]> predictions = new ArrayList<>();
        for (int label : truth) {
            double[] score = new double[labels.size()];
            double sum = 0;
            for (int i = 0; i < score.length; i++) {
                score[i] = Math.exp(1.6 * random.nextGaussian() + (i == label ? 2 * strength : 0));
                sum += score[i];
            }
            float[] probabilities = new float[score.length];
            for (int i = 0; i < score.length; i++) {
                probabilities[i] = (float) (score[i] / sum);
            }
            predictions.add(probabilities);
        }
        return predictions;
    }
}
