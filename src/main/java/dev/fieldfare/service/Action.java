package dev.fieldfare.service;

/**
 * Something that reacts to what happens: a light, a broker, a program. Each action has a thread of its own, so that a
 * slow one holds up neither the camera nor the others; events come one after the other, in order.
 */
public interface Action extends AutoCloseable {
    /** What messages call it. */
    String name();

    /** Whether decisions should come with the picture that they were made on; only where it is used: it has to be copied. */
    default boolean wantsPictures() {
        return false;
    }

    /** Whether it is to be told of this; unless it says otherwise, of all that happens to the whole device. */
    default boolean wants(Event event) {
        return !(event instanceof Event.Steadied || event instanceof Event.LabelsChanged);
    }

    /** Called in the action's own thread, once before the first event. */
    default void start() {}

    /**
     * Reacts.
     *
     * @throws dev.fieldfare.FieldfareException if that fails; it is noted, and the next event comes all the same
     */
    void on(Event event);

    /** Brings everything into its safe state and lets it go. In the action's own thread, after the last event. */
    @Override
    void close();
}
