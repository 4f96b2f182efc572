package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that work at the same time, each on its share. One of them is the caller's own. */
final class Workers implements AutoCloseable {
    private final ExecutorService threads;
    private final int count;

    Workers(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(
                count, Thread.ofPlatform().name("fieldfare-", 1).daemon().factory());
    }

    int count() {
        return count;
    }

    /**
     * Does all the tasks and waits for them.
     *
     * @return what they returned, in their order
     * @throws FieldfareException the first that a task threw, once all have ended
     */
    <T> List<T> all(List<Callable<T>> tasks) {
        List<FutureTask<T>> work = tasks.stream().map(FutureTask::new).toList();
        AtomicInteger next = new AtomicInteger();
        Runnable share = () -> {
            for (int i = next.getAndIncrement(); i < work.size(); i = next.getAndIncrement()) {
                work.get(i).run();
            }
        };
        for (int i = 1; i < Math.min(count, work.size()); i++) {
            threads.execute(share);
        }
        // Were all work given away, all threads would have to be woken, and the system might wake two on one processor.
        share.run();
        return results(work);
    }

    /** Waits for all, come what may: what they use is closed by whoever catches what is thrown here. */
    private static <T> List<T> results(List<FutureTask<T>> work) {
        List<T> results = new ArrayList<>();
        RuntimeException failure = null;
        boolean interrupted = false;
        for (FutureTask<T> task : work) {
            for (boolean done = false; !done; ) {
                try {
                    results.add(task.get());
                    done = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    failure = failure == null ? unchecked(Objects.requireNonNull(e.getCause())) : failure;
                    done = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new FieldfareException("the work was interrupted");
        }
        if (failure != null) {
            throw failure;
        }
        return results;
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
