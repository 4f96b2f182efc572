package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** Threads that work at the same time, each on its share. With one, the caller's own thread does the work. */
public final class Workers implements AutoCloseable {
    /** On a PC they take about as long, 0.1 ms, as until a thread that sleeps is woken and runs; elsewhere less. */
    private static final int GLANCES = 2000;

    private final ExecutorService threads;
    private final int count;

    public Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(
                count, Thread.ofPlatform().name("fieldfare-", 1).daemon().factory());
    }

    public int count() {
        return count;
    }

    /**
     * Does all the tasks and waits for them. Where no thread gets more than one, the caller's own does the first: it would
     * only wait, and waking another takes longer than a small task.
     *
     * @return what they returned, in their order
     * @throws FieldfareException the first that a task threw, once all have ended
     */
    public <T> List<T> all(List<Callable<T>> tasks) {
        List<FutureTask<T>> begun = tasks.stream().map(FutureTask::new).toList();
        int own = count == 1 ? begun.size() : begun.size() <= count ? Math.min(1, begun.size()) : 0;
        begun.subList(own, begun.size()).forEach(threads::execute);
        begun.subList(0, own).forEach(FutureTask::run);
        List<T> results = new ArrayList<>();
        Throwable thrown = null;
        try {
            for (FutureTask<T> task : begun) {
                watch(task);
                try {
                    results.add(task.get());
                } catch (ExecutionException e) {
                    thrown = thrown == null ? e.getCause() : thrown;
                }
            }
        } catch (InterruptedException e) {
            begun.forEach(task -> task.cancel(true));
            Thread.currentThread().interrupt();
            throw new FieldfareException("the work was interrupted", e);
        }
        if (thrown != null) {
            throw unchecked(thrown);
        }
        return results;
    }

    /** Looks for a moment whether a task ends: who sleeps has to be woken. */
    private static void watch(Future<?> task) {
        for (int i = 0; i < GLANCES && !task.isDone(); i++) {
            Thread.onSpinWait();
        }
    }

    /** Begins a task; {@link #result} waits for it. */
    public <T> Future<T> start(Callable<T> task) {
        return threads.submit(task);
    }

    /**
     * What a task returned.
     *
     * @throws FieldfareException what it threw
     */
    public static <T> T result(Future<T> task) {
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw unchecked(Objects.requireNonNull(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("the work was interrupted", e);
        }
    }

    private static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
