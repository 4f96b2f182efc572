package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.predict.Evaluation;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.TrainingReport.Mistake;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
    /** Parses the page by the rules of XML, which forgive nothing. */
    private static Document parse(String page) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(page)));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }

    private static Document parsed(SampleReport sample) throws Exception {
        return parse(ReportPage.html(sample.report(), Map.of()));
    }

    @Test
    void saysWhatCameOut() throws Exception {
        TrainingReport report = new SampleReport().report();
        String html = ReportPage.html(report, Map.of());
        String text = parse(html).getDocumentElement().getTextContent();
        Evaluation test = report.test();
        assertAll(
                () -> assertTrue(
                        text.contains("right on " + test.right() + " of 100 pictures that it never saw"), text),
                () -> assertTrue(text.contains(Words.interval(test.accuracyInterval())), text),
                () -> assertTrue(text.contains("It replaced the old one, which was right on "), text),
                () -> assertTrue(text.contains("fieldfare classify -m /home/pi/models/trash/model.onnx picture.jpg")),
                () -> assertTrue(text.contains("--average crops:5+flip picture.jpg")),
                () -> assertTrue(text.contains("best: epoch 9")),
                () -> assertTrue(text.contains("early stopping: the validation loss has not fallen for 5 epochs")),
                () -> assertTrue(text.contains("budget 192 MiB")),
                () -> assertTrue(text.contains("planned: 180 MiB")),
                () -> assertTrue(text.contains("measured at the peak: 171 MiB")),
                () -> assertTrue(text.contains("20260101")),
                () -> assertTrue(text.contains("mobilenetv2.onnx (sha256 3f2a9c…)")),
                () -> assertTrue(text.contains("last: classifier.weight [6 x 1280], classifier.bias [6]")),
                () -> assertTrue(text.contains("labelSmoothing")),
                () -> assertTrue(text.contains("the file ends in the middle of the picture")));
    }

    @Test
    void confusionTableHoldsTheCounts() throws Exception {
        TrainingReport report = new SampleReport().report();
        Document page = parse(ReportPage.html(report, Map.of()));
        Element table = elements(page, "table").stream()
                .filter(element -> element.getAttribute("class").startsWith("confusion"))
                .findFirst()
                .orElseThrow();
        NodeList rows = ((Element) table.getElementsByTagName("tbody").item(0)).getElementsByTagName("tr");
        List<List<Integer>> counts = new ArrayList<>();
        for (int i = 0; i < rows.getLength(); i++) {
            NodeList cells = ((Element) rows.item(i)).getElementsByTagName("td");
            counts.add(IntStream.range(0, cells.getLength() - 1)
                    .mapToObj(j -> cells.item(j).getTextContent().replace("·", "0"))
                    .map(Integer::valueOf)
                    .toList());
        }
        assertEquals(report.test().confusion(), counts);
    }

    @Test
    void needsNothingBesideIt() throws Exception {
        Document page = parsed(new SampleReport());
        for (String name : List.of("script", "link", "iframe", "object", "base", "form")) {
            assertEquals(List.of(), elements(page, name), name);
        }
        for (Element element : elements(page, "*")) {
            assertFalse(element.hasAttribute("href"), element.getTagName());
            assertTrue(
                    !element.hasAttribute("src") || element.getAttribute("src").startsWith("data:"));
        }
        String style = elements(page, "style").getFirst().getTextContent();
        assertFalse(style.contains("url(") || style.contains("@import"), style);
    }

    @Test
    void drawingsAreDescribedForThoseWhoDoNotSeeThem() throws Exception {
        Document page = parsed(new SampleReport());
        List<Element> drawings = elements(page, "svg");
        assertEquals(5, drawings.size());
        Set<String> ids = new HashSet<>();
        for (Element element : elements(page, "*")) {
            assertTrue(
                    element.getAttribute("id").isEmpty() || ids.add(element.getAttribute("id")), "twice the same id");
        }
        for (Element drawing : drawings) {
            for (String id : drawing.getAttribute("aria-labelledby").split(" ")) {
                assertTrue(ids.contains(id), id);
            }
            assertTrue(drawing.getElementsByTagName("desc")
                            .item(0)
                            .getTextContent()
                            .length()
                    > 20);
        }
    }

    @Test
    void hostileNamesStayText() throws Exception {
        var sample = new SampleReport();
        String script = "</style><script>alert(1)</script>";
        String quote = "\" onload='x' & \u0000\u001b[31m\ud800 \u202Egnp.exe";
        sample.labels = List.of(script, quote, "]]>", "<!--");
        sample.folder = script;
        sample.model = "/tmp/it's <b>/$(reboot)/model.onnx";
        Document page = parsed(sample);
        assertEquals(List.of(), elements(page, "script"));
        String text = page.getDocumentElement().getTextContent();
        assertTrue(text.contains(script));
        assertTrue(text.contains("\" onload='x' & \uFFFD\uFFFD[31m\uFFFD \uFFFDgnp.exe"), text);
        // One argument to the shell: the quote in it is closed, escaped and opened again.
        assertTrue(text.contains("-m '/tmp/it'\\''s <b>/$(reboot)/model.onnx' picture.jpg"), text);
        for (Element element : elements(page, "*")) {
            assertFalse(element.hasAttribute("onload"));
        }
    }

    @Test
    void mistakesAreShownByThumbnail() throws Exception {
        TrainingReport report = new SampleReport().report();
        Mistake first = ReportFile.shown(report.mistakes()).getFirst();
        byte[] jpeg = {(byte) 0xFF, (byte) 0xD8, 1, 2, 3};
        Document page = parse(ReportPage.html(report, Map.of(first.file(), jpeg)));
        List<Element> pictures = elements(page, "img");
        assertEquals(1, pictures.size());
        assertEquals("data:image/jpeg;base64,/9gBAgM=", pictures.getFirst().getAttribute("src"));
        assertTrue(page.getDocumentElement().getTextContent().contains(first.file()));
    }

    @Test
    void theMostConfidentMistakesAreShownFirst() {
        List<Mistake> mistakes = IntStream.range(0, 40)
                .mapToObj(i -> new Mistake("f" + i, "a", "b", (i * 7 % 40) / 40.0))
                .toList();
        double[] shown = ReportFile.shown(mistakes).stream()
                .mapToDouble(Mistake::probability)
                .toArray();
        double[] expected =
                IntStream.range(0, 12).mapToDouble(i -> (39 - i) / 40.0).toArray();
        assertArrayEquals(expected, shown);
    }

    @Test
    void oneEpochTwoClassesNothingToCompareWith() throws Exception {
        var sample = new SampleReport();
        sample.labels = List.of("full", "empty");
        sample.epochs = 1;
        sample.images = 1;
        sample.held = 0;
        sample.incumbent = false;
        sample.averaged = false;
        sample.mistaken = false;
        sample.budget = 0;
        sample.peak = 0;
        String text = parsed(sample).getDocumentElement().getTextContent();
        assertFalse(text.contains("NaN"), text);
        assertFalse(text.contains("null"), text);
        assertTrue(text.contains("1 picture that it was not trained on"), text);
        assertTrue(text.contains("It is the first one for these labels."), text);
        assertTrue(text.contains("a little too good"), text);
        assertTrue(text.contains("None: it is right on every picture."), text);
        assertTrue(text.contains("not measured here"), text);
    }

    @Test
    void whatDivergedLeavesAGapAndNoCrash() throws Exception {
        TrainingReport report = new SampleReport().report();
        List<TrainingReport.Epoch> epochs = new ArrayList<>(report.epochs());
        epochs.set(3, new TrainingReport.Epoch(4, 0.001, Double.NaN, 0.2, Double.POSITIVE_INFINITY, 0.2, 1));
        String svg = ReportCharts.loss(copy(report, epochs));
        assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
    }

    private static TrainingReport copy(TrainingReport report, List<TrainingReport.Epoch> epochs) {
        return new TrainingReport(
                report.version(),
                report.model(),
                report.parent(),
                report.labels(),
                report.trainable(),
                report.parameters(),
                report.memory(),
                report.data(),
                epochs,
                report.stopped(),
                report.best(),
                report.test(),
                report.testAveraged(),
                report.incumbent(),
                report.comparison(),
                report.promoted(),
                report.reason(),
                report.calibration(),
                report.unknown(),
                report.mistakes(),
                report.settings(),
                report.seconds(),
                report.seed());
    }

    @Test
    void aThousandClassesStayAPage() throws Exception {
        var sample = new SampleReport();
        sample.labels = IntStream.range(0, 1000).mapToObj(i -> "class " + i).toList();
        sample.images = 1500;
        TrainingReport report = sample.report();
        String html = ReportPage.html(report, Map.of());
        assertTrue(html.length() < 400_000, "page of " + html.length() + " characters");
        Document page = parse(html);
        assertTrue(page.getDocumentElement().getTextContent().contains("30 of 1000"));
        int[] shown = ConfusionTable.shown(report.test());
        assertEquals(30, shown.length);
        // Nothing that is left out has more mistakes than something that is shown.
        Set<Integer> in = new HashSet<>(IntStream.of(shown).boxed().toList());
        long least =
                in.stream().mapToLong(i -> mistakes(report.test(), i)).min().orElseThrow();
        for (int i = 0; i < 1000; i++) {
            assertTrue(in.contains(i) || mistakes(report.test(), i) <= least, "class " + i);
        }
    }

    private static long mistakes(Evaluation evaluation, int index) {
        long mistakes = 0;
        for (int other = 0; other < evaluation.labels().size(); other++) {
            if (other != index) {
                mistakes += evaluation.confusion().get(index).get(other)
                        + evaluation.confusion().get(other).get(index);
            }
        }
        return mistakes;
    }

    @Test
    void sampleForPeopleToLookAt() throws Exception {
        var many = new SampleReport();
        many.labels = IntStream.range(0, 40).mapToObj(i -> "kind number " + i).toList();
        many.images = 400;
        many.promoted = false;
        var bare = new SampleReport();
        bare.labels = List.of("full", "empty");
        bare.epochs = 1;
        bare.incumbent = false;
        bare.averaged = false;
        bare.images = 37;
        bare.peak = 199L << 20;
        Map<String, SampleReport> samples = Map.of("report", new SampleReport(), "many", many, "bare", bare);
        for (Map.Entry<String, SampleReport> entry : samples.entrySet()) {
            Path file = Path.of("target", "sample-" + entry.getKey() + ".html");
            TrainingReport report = entry.getValue().report();
            String html = ReportPage.html(report, SampleReport.thumbnails(report));
            parse(html);
            Files.write(file, html.getBytes(StandardCharsets.UTF_8));
        }
    }
}
