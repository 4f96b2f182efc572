package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.FrameSources;
import dev.fieldfare.camera.Sleeper;
import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a slip in a configuration is answered with: the line, the key, what was found, what is allowed. */
class DeviceConfigTest {
    /** Six lines, so that what a test adds begins at the seventh. */
    private static final String GOOD = """
        name: hut
        cameras:
          front:
            source: simulated:day
        classifiers:
          birds: {model: shipped}
        """;

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("device.yaml"), text);
    }

    private DeviceConfig read(String text) throws IOException {
        return DeviceConfig.read(file(text));
    }

    /** The message without the file's name, which it must begin with. */
    private String refused(String text) throws IOException {
        Path file = file(text);
        String message = assertThrows(FieldfareException.class, () -> DeviceConfig.read(file))
                .getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        return message.substring(file.toString().length());
    }

    @Test
    void theLeastThatIsNeeded() throws IOException {
        DeviceConfig config = read("cameras: {front: }\nclassifiers: {birds: }\n");
        assertEquals("pi", config.cameras().get("front").source());
        assertEquals("front", config.classifiers().get("birds").camera());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "lights: [{pin: 17}]";                              7; lights.0.pin; GPIO17 is at place 11
        "lights:|  - pin: GPIO17|  - pin: gpio17";          9; lights.1.pin; "GPIO17 is used twice, also by lights.0.pin"
        "lights: [GPIO17]";                                 7; lights.0; "expected keys with values, indented below it, but found 'GPIO17'"
        "lights: {pin: GPIO17}";                            7; lights; "expected a list"
        "lights:|  -";                                      8; lights.0.pin; must be given
        "lights:|- pin: GPIO4|  when: {classifier: brids}"; 9; lights.0.when.classifier; "there is no 'brids'; did you mean 'birds'? There are: birds"
        "lights:|- pin: GPIO4|  confidence: 60";            9; lights.0.confidence; "must be a probability, 0 to 1, but is 60.0"
        "lights:|- pin: GPIO4|  pulse: 2";                  9; lights.0.pulse; "'2' is not a length of time, such as 500ms"
        "lights:|- pin: GPIO4|  colour: red";               9; lights.0.colour; "The keys here are: activeLow, confidence, frames, of, pin, pulse, when"
        "buttons: [{pin: GPIO5}]";                          7; buttons.0.press; must be given
        "buttons:|- pin: GPIO5|  press: lable bird";        9; buttons.0.press; "'lable bird' is no order; there are: label NAME"
        "buttons:|- pin: GPIO5|  press: 'cats: retrain'";   9; buttons.0.press; "there is no classifier 'cats'. There are: birds"
        "buttons:|- {pin: GPIO5, press: retrain, holdFor: 0.1s}"; 8; buttons.0.holdFor; "at least 200ms, but is 100ms"
        "buttons:|- {pin: GPIO5, press: retrain, pull: upp}"; 8; buttons.0.pull; "'upp' is not one of [up, down, none]; did you mean 'up'?"
        "statusLight: PIN11";                               7; statusLight; at place 11 of the header is GPIO17
        "webhooks: [{attempts: 2}]";                        7; webhooks.0.url; must be given
        "webhooks:|- url: example.org";                     8; webhooks.0.url; "must be http://HOST/..."
        "webhooks:|- {url: 'http://a.b', events: [decide]}"; 8; webhooks.0.events.0; "'decide' is not one of [decided, captured, training, camera, device]; did you mean 'decided'?"
        "commands: [{run: aplay}]";                         7; commands.0.run; "expected a list"
        "mqtt:|  broker: mosquitto";                        8; mqtt.broker; "must be tcp://HOST:PORT"
        "mqtt:|  user: hut";                                8; mqtt.user; given together with mqtt.passwordFile
        "pins: simulate";                                   7; pins; "'simulate' is not one of [board, simulated]; did you mean 'simulated'?"
        "threads: many";                                    7; threads; "'many' is not a whole number"
        "threads: 65";                                      7; threads; "must be 0 to 64, but is 65"
        "camera: pi";                                       7; camera; "did you mean 'cameras'?"
        "looksPerSecond: 2";                                7; looksPerSecond; "did you mean 'classifiers.*.looksPerSecond'?"
        """)
    void slipsAtTheTop(String yaml, int line, String key, String said) throws IOException {
        requireSaid(refused(GOOD + yaml.replace('|', '\n') + "\n"), line, key, said);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "framesPerSecond: fast";    "'fast' is not a number"
        "framesPerSecond: 0";       "must be above 0, at most 240, but is 0.0"
        "width: 8";                 "must be 16 to 4096 pixels, but is 8"
        "widht: 640";               "did you mean 'width'?"
        "rotate: 45";               "must be 0, 90, 180 or 270 degrees, but is 45"
        "settle: long";             "'long' is not a length of time"
        "controls: fast";           "expected keys with values, indented below it, but found 'fast'"
        """)
    void slipsInACamera(String yaml, String said) throws IOException {
        String key = "cameras.front." + yaml.substring(0, yaml.indexOf(':'));
        String text = "cameras:\n  front:\n    source: usb\n    " + yaml + "\nclassifiers: {birds: }\n";
        requireSaid(refused(text), 4, key, said);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "camera: frnt";                              camera; "there is no 'frnt'; did you mean 'front'? There are: front"
        "average: crop:5";                           average; "crop"
        "looksPerSecond: -1";                        looksPerSecond; "must be 0 to 1000, but is -1.0"
        "labels: great tit";                         labels; "expected a list"
        "labels: [nut, a/b]";                        labels; "'a/b' cannot be a label"
        "decision: {frames: 9, of: 5}";              decision.frames; "must be 1 to 5, but is 9"
        "decision: {keep: 0.9}";                     decision.keep; "at most decision.confidence, which is 0.6, but is 0.9"
        "collect: {burst: 0}";                       collect.burst; "must be 1 to 1000, but is 0"
        "collect: {most: much}";                     collect.most; "'much' is no size of memory; write it like 192M"
        "burst: 5";                                  burst; "did you mean 'classifiers.*.collect.burst'?"
        "retrain: {at: noon}";                       retrain.at; "a time of day in quotes, such as"
        "retrain: {hot: 20}";                        retrain.hot; "must be 40 to 120 degrees Celsius, but is 20.0"
        "retrain: {training: {epochs: 0}}";          retrain.training.epochs; "0"
        "retrain: {training: {budget: 160}}";        retrain.training.budget; "write the unit, as in 192M"
        "retrain: {training: {augment: {view: 2}}}"; retrain.training.augment.view; "did you mean 'views'?"
        """)
    void slipsInAClassifier(String yaml, String key, String said) throws IOException {
        String text = "cameras: {front: }\nclassifiers:\n  birds:\n    " + yaml + "\n";
        requireSaid(refused(text), 4, "classifiers.birds." + key, said);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "classifiers: {birds: }";                                  ": cameras: there is no camera"
        "cameras: {front: }|classifiers:|";                        ", line 2: classifiers: there is no classifier"
        "cameras: {a: , b: }|classifiers:|  birds: {model: shipped}"; ", line 3: classifiers.birds.camera must be one of a, b"
        "cameras:|  Front: {source: pi}|classifiers: {birds: }";   ", line 2: cameras.Front: this name must be 1 to 40 small letters"
        "cameras:|\tfront: {source: pi}";                          ", line 2: this is not valid YAML"
        "cameras: {front: }|classifiers: {birds: }|---|name: x";   ", line 3: a second document begins here"
        "cameras: [front]|classifiers: {birds: }";                 ", line 1, key 'cameras': expected keys with values"
        """)
    void slipsInTheWhole(String yaml, String said) throws IOException {
        String message = refused(yaml.replace('|', '\n') + "\n");
        assertTrue(message.startsWith(said), message);
    }

    private static void requireSaid(String message, int line, String key, String said) {
        assertTrue(message.startsWith(", line " + line), message);
        assertTrue(message.contains(key), message);
        assertTrue(message.contains(said), message);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = ';', textBlock = """
        "simulated:day"; "usb2";          4; "cameras.front.source: there is no camera, folder or file 'usb2'; there are http,"
        "model: shipped"; "model: x.onnx"; 6; "classifiers.birds.model: there is no file "
        """)
    void whatIsNotThereIsNamedWithItsLine(String good, String bad, int line, String said) throws IOException {
        Path file = file(GOOD.replace(good, bad));
        DeviceConfig config = DeviceConfig.read(file);
        DeviceFolder there = DeviceFolder.of(file, config, Path.of("models/cifar10-64.onnx"));
        FrameSources.Surroundings around = new FrameSources.Surroundings(
                index -> new Seed(1).generator("camera", index), Sleeper.REAL, List.of()::contains);
        String message = assertThrows(
                        FieldfareException.class,
                        () -> Service.check(
                                config, there, Service.Surroundings.named(around), Clock.systemDefaultZone()))
                .getMessage();
        assertTrue(message.startsWith(file + ", line " + line + ": " + said), message);
    }
}
