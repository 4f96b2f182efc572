package dev.fieldfare.cli;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.service.Commander;
import java.util.List;

/** What a running device answers to an order. */
final class Answers {
    private static final Commander.Answer NONE = new Commander.Answer(false, "", "", List.of());

    private Answers() {}

    /**
     * Shows an answer.
     *
     * @throws FieldfareException if it is that the order was not followed
     */
    static int show(String answer, Console console, boolean json) {
        Commander.Answer read = StrictYaml.parse(answer, NONE, "the device's answer");
        if (!read.done()) {
            throw new FieldfareException(read.words());
        }
        if (json) {
            console.jsonText(answer);
        } else {
            console.print(read.words());
            read.files().forEach(console::print);
        }
        return 0;
    }
}
