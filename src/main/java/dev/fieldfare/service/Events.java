package dev.fieldfare.service;

import java.util.List;
import java.util.function.Consumer;

/** Tells everything that happens to all actions. Safe for several threads at once; never waits for an action. */
final class Events implements AutoCloseable {
    private final List<Mailbox> mailboxes;

    /** @param log takes a sentence when an action fails or is too slow */
    Events(List<Action> actions, Consumer<String> log) {
        mailboxes = actions.stream().map(action -> new Mailbox(action, log)).toList();
    }

    boolean wantPictures() {
        return mailboxes.stream().anyMatch(Mailbox::wantsPictures);
    }

    void tell(Event event) {
        mailboxes.forEach(mailbox -> mailbox.put(event));
    }

    /** In reverse order: what was told first hears of the end last. */
    @Override
    public void close() {
        mailboxes.reversed().forEach(Mailbox::close);
    }
}
