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

/** Threads that work at the same time, each on its share. With one, the caller's own thread does the work. */
public final class Workers implements AutoCloseable {
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
     * Does all the tasks and waits for them.
     *
     * @return what they returned, in their order
     * @throws FieldfareException the first that a task threw, once all have ended
     */
    public <T> List<T> all(List<Callable<T>> tasks) {
        List<T> results = new ArrayList<>();
        try {
            if (count == 1) {
                for (Callable<T> task : tasks) {
                    results.add(task.call());
                }
                return results;
            }
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw unchecked(Objects.requireNonNull(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("the work was interrupted", e);
        } catch (Exception e) {
            throw unchecked(e);
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
