package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.TestData;
import dev.fieldfare.TestModels;
import dev.fieldfare.image.PictureReader;
import dev.fieldfare.model.CardDocument;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.StrictYaml;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
    private static final long PLENTY = 1L << 40;
    private static final long MIB = 1 << 20;

    private static TrainingSettings settings(Map<String, ?> given) {
        return StrictYaml.override(TrainingSettings.DEFAULT, given, "test");
    }

    private static MemoryPlan last(
            ClassifierModel model,
            int classes,
            int pictures,
            TrainingSettings settings,
            long disk,
            MemoryNeeds.AlsoHeld alsoHeld) {
        TrainingSettings last = settings.withTrain(new TrainSpec.Last());
        return new Planner(model, classes, pictures, pictures, last, disk, alsoHeld).plan();
    }

    private static MemoryPlan plan(int classes, int pictures, long disk, Map<String, ?> given) {
        return last(TestModels.shipped(), classes, pictures, settings(given), disk, MemoryNeeds.AlsoHeld.NOTHING);
    }

    @Test
    void withoutABudgetEverythingIsAsAsked() {
        MemoryPlan plan = plan(5, 100, PLENTY, Map.of("batch", 48, "augment", Map.of("views", 7)));
        assertEquals(48, plan.portions().microBatch());
        assertEquals(7, plan.views());
        assertEquals(5L * (plan.featureWidth() + 1), plan.parameters());
        assertEquals(100L * 8 * 4 * plan.featureWidth(), plan.cacheBytes());
        assertEquals(
                plan.plannedBytes(),
                plan.items().stream()
                        .mapToLong(TrainingReport.MemoryItem::bytes)
                        .sum());
        assertTrue(plan.fits());
    }

    /** The budget is of the whole process: at least the heap, the JVM and the engine are in it. */
    @Test
    void countsTheWholeProcess() {
        MemoryPlan plan = plan(5, 100, PLENTY, Map.of());
        assertTrue(plan.plannedBytes() > 110 * MIB, plan.inWords());
        assertTrue(plan.inWords().startsWith("Java itself"), "the largest comes first: " + plan.inWords());
    }

    /** Each has a path and a label in the heap; but the heap never grows beyond what the JVM may take. */
    @Test
    void picturesTakeHeap() {
        long few = plan(5, 100, PLENTY, Map.of()).plannedBytes();
        assertEquals(few + 9_900 * 400, plan(5, 10_000, PLENTY, Map.of()).plannedBytes());
        long all = plan(5, 100_000_000, PLENTY, Map.of()).plannedBytes();
        assertTrue(all - few < Runtime.getRuntime().maxMemory(), all + " and " + few);
    }

    /** The sentence of the refusal carries the smallest budget; with it the run is planned, with one MiB less not. */
    @ParameterizedTest
    @CsvSource({"5, 32", "200, 4096", "5000, 1"})
    void aBudgetThatIsTooSmallIsRefusedWithTheSmallestThatWouldDo(int classes, int batch) {
        ClassifierModel model = TestModels.shipped();
        var refused = assertThrows(
                FieldfareException.class,
                () -> last(
                        model,
                        classes,
                        100,
                        settings(Map.of("batch", batch, "budget", "64M")),
                        PLENTY,
                        MemoryNeeds.AlsoHeld.NOTHING));
        Matcher sentence = Pattern.compile(
                        "a budget of 64M is too small for cifar10-64.onnx: training the last layer needs (\\d+)M"
                                + " \\(.*\\); give --budget (\\d+)M or a smaller model")
                .matcher(refused.getMessage());
        assertTrue(sentence.matches(), refused.getMessage());
        assertEquals(sentence.group(1), sentence.group(2));
        long smallest = Long.parseLong(sentence.group(1));
        MemoryPlan plan = last(
                model,
                classes,
                100,
                settings(Map.of("batch", batch, "budget", smallest + "M")),
                PLENTY,
                MemoryNeeds.AlsoHeld.NOTHING);
        assertTrue(plan.fits());
        assertTrue(plan.plannedBytes() <= smallest * MIB);
        assertThrows(
                FieldfareException.class,
                () -> last(
                        model,
                        classes,
                        100,
                        settings(Map.of("batch", batch, "budget", smallest - 1 + "M")),
                        PLENTY,
                        MemoryNeeds.AlsoHeld.NOTHING));
    }

    /** A batch too large for the budget is halved until it fits, and no further. */
    @Test
    void theBatchShrinksIntoTheBudget() {
        Map<String, Object> large = Map.of("batch", 4096);
        MemoryPlan free = plan(1000, 100, PLENTY, large);
        long tight = free.plannedBytes() / MIB - 1;
        MemoryPlan fitted = plan(1000, 100, PLENTY, Map.of("batch", 4096, "budget", tight + "M"));
        assertEquals(2048, fitted.portions().microBatch());
        assertTrue(fitted.plannedBytes() <= tight * MIB);
    }

    /** The cache may take half of what is free on the disk, whole views only. */
    @Test
    void viewsShrinkIntoTheDisk() {
        long view = 100L * 4 * plan(5, 100, PLENTY, Map.of()).featureWidth();
        Map<String, Object> wanted = Map.of("augment", Map.of("views", 4));
        assertEquals(4, plan(5, 100, 10 * view, wanted).views());
        assertEquals(3, plan(5, 100, 10 * view - 1, wanted).views());
        assertEquals(0, plan(5, 100, 2 * view, wanted).views());
    }

    /** Views that nothing changes would only be copies. */
    @Test
    void noViewsWithoutAChange() {
        Map<String, Object> still = Map.of("augment", Map.of("views", 4, "strengths", Map.of("crop", 0, "flip", 0)));
        assertEquals(0, plan(5, 100, PLENTY, still).views());
        assertFalse(settings(still).augment().strengths().isEmpty());
    }

    /** What decoding takes, and a larger model in use, are part of the peak. */
    @Test
    void whatElseIsHeldCounts() {
        long alone = plan(5, 100, PLENTY, Map.of()).plannedBytes();
        var model = TestModels.shipped();
        var decoding = new PictureReader.Needs(2 * MIB, 7 * MIB);
        var pictures = new MemoryNeeds.AlsoHeld(decoding, Optional.empty(), 0);
        assertEquals(
                alone + 9 * MIB,
                last(model, 5, 100, settings(Map.of()), PLENTY, pictures).plannedBytes());
        // The model in use is as large as the new one that is measured, and they are not loaded together.
        TrainingSettings oneThread = settings(Map.of("threads", 1));
        alone = last(model, 5, 100, oneThread, PLENTY, MemoryNeeds.AlsoHeld.NOTHING)
                .plannedBytes();
        long withIncumbent = last(
                        model,
                        5,
                        100,
                        oneThread,
                        PLENTY,
                        new MemoryNeeds.AlsoHeld(PictureReader.Needs.NOTHING, Optional.of(model), 0))
                .plannedBytes();
        assertEquals(alone, withIncumbent);
    }

    /** SqueezeNet has 5 MB of weights, and larger maps than the shipped network. */
    @Test
    void aLargerModelInUseCounts() {
        ClassifierModel larger = ClassifierModel.open(
                TestData.path("models/squeezenet1.0-deepcompressed-fp32.onnx"), CardDocument.EMPTY);
        TrainingSettings oneThread = settings(Map.of("threads", 1));
        long alone = last(TestModels.shipped(), 5, 100, oneThread, PLENTY, MemoryNeeds.AlsoHeld.NOTHING)
                .plannedBytes();
        MemoryNeeds.AlsoHeld held = new MemoryNeeds.AlsoHeld(PictureReader.Needs.NOTHING, Optional.of(larger), 0);
        long with = last(TestModels.shipped(), 5, 100, oneThread, PLENTY, held).plannedBytes();
        assertTrue(with > alone + 5 * MIB && with < alone + 50 * MIB, alone + " " + with);
    }

    private static MemoryPlan planned(String train, String inputs, String noise) {
        TrainingSettings settings = settings(Map.of(
                "train", train,
                "suffix", Map.of("inputs", inputs),
                "augment", Map.of("strengths", Map.of(noise, 0.5))));
        return new Planner(TestModels.shipped(), 3, 100, 100, settings, PLENTY, MemoryNeeds.AlsoHeld.NOTHING).plan();
    }

    /** Pictures that are mixed anew for every look cannot be kept; features can, and so can whole pictures. */
    @ParameterizedTest
    @CsvSource({
        "blocks:1, auto, mixup, false",
        "blocks:1, fresh, cutmix, false",
        "blocks:1, auto, featureMixup, true",
        "blocks:1, cached, featureMixup, true",
        "all, cached, mixup, true",
        "all, auto, cutmix, false",
        "auto, auto, mixup, false",
    })
    void mixedPicturesAreLookedAtFresh(String train, String inputs, String noise, boolean cached) {
        assertEquals(cached, planned(train, inputs, noise).cached());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        last     | auto   | mixup  | train deeper, as with --train blocks:1, or take augment.strengths.featureMixup
        last     | fresh  | cutmix | train deeper, as with --train blocks:1, or take augment.strengths.featureMixup
        blocks:1 | cached | mixup  | set suffix.inputs to fresh or take augment.strengths.featureMixup instead
        """)
    void mixingPicturesThatAreNotLookedAtIsRefused(String train, String inputs, String noise, String advice) {
        var refused = assertThrows(FieldfareException.class, () -> planned(train, inputs, noise));
        assertTrue(refused.getMessage().startsWith("augment.strengths." + noise + " mixes pictures, but training "));
        assertTrue(refused.getMessage().contains(advice), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"dropout", "mixUp", "nothing"})
    void whatDoesNotChangePicturesIsRefusedWithWhatDoes(String noise) {
        var refused = assertThrows(FieldfareException.class, () -> planned("last", "auto", noise));
        assertTrue(
                refused.getMessage()
                        .contains("augment.strengths: '" + noise + "' does not change pictures; those that do: crop, "
                                + "resizedCrop, rotate, flip, colour, cutout, mixup, cutmix, featureMixup"),
                refused.getMessage());
    }
}
