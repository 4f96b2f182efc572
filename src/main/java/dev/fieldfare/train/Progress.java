package dev.fieldfare.train;

/** Who wants to know how far a long work has come. */
public interface Progress {
    /** Nobody. */
    Progress SILENT = new Progress() {
        @Override
        public Task start(String name, long total) {
            return (done, detail) -> {};
        }

        @Override
        public void note(String sentence) {}
    };

    /** Begins a part of the work that takes so many steps. */
    Task start(String name, long total);

    /** Tells something worth knowing, a sentence. */
    void note(String sentence);

    /** A part of the work. */
    @FunctionalInterface
    interface Task extends AutoCloseable {
        /**
         * So many steps are done.
         *
         * @param detail a few words that may replace the ones before; may be empty
         */
        void at(long done, String detail);

        @Override
        default void close() {}
    }
}
