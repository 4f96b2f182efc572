package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestModels;
import dev.fieldfare.TextNetwork;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.StrictYaml;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How deep a plan goes, and why no deeper. */
class PlanByDepthTest {
    private static final long PLENTY = 1L << 40;
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private static Planner planner(ClassifierModel model, long disk, Map<String, ?> given) {
        TrainingSettings settings = StrictYaml.override(TrainingSettings.DEFAULT, given, "test");
        return new Planner(model, 3, 100, 100, settings, disk, MemoryNeeds.AlsoHeld.NOTHING);
    }

    /** Everything deeper takes more numbers; every plan adds up and holds what was asked for. */
    @Test
    void deeperIsMore() {
        long parameters = 0;
        for (MemoryPlan plan :
                planner(TestModels.shipped(), PLENTY, Map.of("threads", 2)).byDepth()) {
            assertTrue(plan.parameters() > parameters, plan.train().spec());
            parameters = plan.parameters();
            assertEquals(
                    plan.plannedBytes(),
                    plan.items().stream()
                            .mapToLong(TrainingReport.MemoryItem::bytes)
                            .sum());
            Portions portions = plan.portions();
            assertEquals(32, portions.batch());
            assertTrue(portions.workers() * portions.threads() <= 2, portions.toString());
        }
    }

    /** The refusal names the deepest that fits, and the budget that would do for what was asked for. */
    @Test
    void aBudgetTooSmallForAllIsRefusedWithTheDeepestThatFits() {
        ClassifierModel model = TextNetwork.classifier(
                "a conv3:192 x; b relu a; c conv3:192 b; d relu c; g conv3:192 d; h relu g; e gap h; f flatten e;"
                        + " logits gemm:2 f",
                folder.resolve("wide.onnx"));
        // In a budget in which nothing fits, every plan is the smallest that there is.
        List<MemoryPlan> smallest =
                planner(model, PLENTY, Map.of("budget", "32M", "threads", 1)).byDepth();
        long budget = smallest.get(1).plannedBytes() / MIB + 1;
        String deepest = smallest.stream()
                .filter(plan -> plan.plannedBytes() <= budget * MIB)
                .reduce((first, second) -> second)
                .map(plan -> plan.train().spec())
                .orElseThrow();
        assertEquals("blocks:1", deepest);
        String message = assertThrows(
                        FieldfareException.class,
                        () -> planner(model, PLENTY, Map.of("train", "all", "budget", budget + "M", "threads", 1))
                                .plan())
                .getMessage();
        Matcher sentence = Pattern.compile("a budget of " + budget + "M is too small for wide.onnx: training the"
                        + " whole network needs (\\d+)M \\(.*\\); give --budget (\\d+)M or a smaller model;"
                        + " the deepest that fits is --train " + deepest)
                .matcher(message);
        assertTrue(sentence.matches(), message);
        assertEquals(sentence.group(1), sentence.group(2));
        assertEquals(Math.ceilDiv(smallest.getLast().plannedBytes(), MIB), Long.parseLong(sentence.group(1)), message);
    }

    /** Three blocks; something without a gradient in the middle of the second, or of the first. */
    private ClassifierModel broken(int block) {
        String[] gates = {"", "", ""};
        gates[block] = "lrn";
        StringBuilder text = new StringBuilder();
        String from = "x";
        for (int i = 0; i < 3; i++) {
            text.append("c" + i + " conv3:4 " + from + "; r" + i + " relu c" + i + "; ");
            from = "r" + i;
            if (!gates[i].isEmpty()) {
                text.append("broken " + gates[i] + " " + from + "; ");
                from = "broken";
            }
        }
        text.append("e gap " + from + "; f flatten e; logits gemm:2 f");
        return TextNetwork.classifier(text.toString(), folder.resolve("broken.onnx"));
    }

    /** What begins behind the node can be trained; what it lies in cannot, and the message says where it lies. */
    @ParameterizedTest
    @CsvSource({"0, blocks:2", "1, blocks:1"})
    void aNodeWithoutAGradientIsNamedWithTheDeepestBehindIt(int block, String deepest) {
        ClassifierModel model = broken(block);
        String message = assertThrows(
                        FieldfareException.class,
                        () -> planner(model, PLENTY, Map.of("train", "all")).plan())
                .getMessage();
        assertTrue(message.contains("LRN node '/broken'"), message);
        assertTrue(message.endsWith("; the deepest that can be trained is --train " + deepest), message);
        assertTrue(planner(model, PLENTY, Map.of("train", deepest)).plan().fits());
        List<String> depths = planner(model, PLENTY, Map.of()).byDepth().stream()
                .map(plan -> plan.train().spec())
                .toList();
        assertEquals(deepest, depths.getLast());
        assertFalse(depths.contains("all"));
    }

    /** Of three blocks auto tries two, as deeper hardly pays; it takes one where the second has no gradient. */
    @ParameterizedTest
    @CsvSource({"0, blocks:2", "1, blocks:1", "2, last"})
    void autoAvoidsWhatHasNoGradient(int block, String chosen) {
        ClassifierModel model = broken(block);
        assertEquals(chosen, chosen(model, Map.of("threads", 1)).train().spec());
    }

    private MemoryPlan chosen(ClassifierModel model, Map<String, ?> given) {
        TrainingSettings settings = StrictYaml.override(TrainingSettings.DEFAULT, given, "test");
        // Every look at the clock takes a second: a trial is over at once, and nothing here depends on this machine.
        Instant[] now = {Instant.EPOCH};
        InstantSource clock = () -> now[0] = now[0].plusSeconds(1);
        Planner planner = planner(model, PLENTY, given);
        return planner.choose(new Trial(model, 3, planner.width(), settings, folder, clock, Trial.SHORT));
    }

    /**
     * A second a run makes 100 looks in 100 seconds, and 30 epochs over 100 pictures, in batches of 32, twice in 188. Of
     * the minutes asked for 0.7 count; nothing asked for is 15 minutes.
     */
    @ParameterizedTest
    @CsvSource({"0, blocks:2", "1, last", "6, last", "7, blocks:2"})
    void autoKeepsToTheTime(double minutes, String chosen) {
        ClassifierModel model = broken(0);
        Map<String, Object> given = new LinkedHashMap<>(Map.of("threads", 1, "augment", Map.of("views", 0)));
        given.put("minutes", minutes);
        assertEquals(chosen, chosen(model, given).train().spec());
    }

    /** Statistics of a few pictures say little: micro-batches are of eight or more, or the whole batch. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 15, 16, 31})
    void statisticsOfABatchAreOfEnoughPictures(int batch) {
        for (int threads : new int[] {1, 2, 4}) {
            Map<String, Object> given = Map.of(
                    "train",
                    "blocks:1",
                    "batch",
                    batch,
                    "threads",
                    threads,
                    "suffix",
                    Map.of("normalization", "batch"));
            Portions portions =
                    planner(TestModels.shipped(), PLENTY, given).plan().portions();
            assertEquals(batch, portions.batch());
            assertTrue(portions.microBatch() >= Math.min(8, batch), portions.toString());
            assertTrue(portions.workers() * portions.threads() <= threads, portions.toString());
            assertTrue((portions.workers() - 1) * portions.microBatch() < batch, "no worker is idle: " + portions);
        }
    }

    /** Kept on the disk where half of what is free suffices, by default; without a frozen part there is nothing to keep. */
    @ParameterizedTest
    @CsvSource({
        "blocks:1, auto, 1000000000, true",
        "blocks:1, auto, 1000000, false",
        "blocks:1, fresh, 1000000000, false",
        "blocks:1, cached, 1000000, true",
        "all, auto, 1000000000000, false",
        "last, cached, 1000000000, false"
    })
    void whereInputsComeFrom(String train, String inputs, long disk, boolean cached) {
        Map<String, Object> given = Map.of("train", train, "suffix", Map.of("inputs", inputs));
        assertEquals(cached, planner(TestModels.shipped(), disk, given).plan().cached());
    }
}
