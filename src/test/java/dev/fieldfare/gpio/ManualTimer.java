package dev.fieldfare.gpio;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time passes when a test says so. */
final class ManualTimer implements Timer {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparing(Task::due));
    private Duration now = Duration.ZERO;

    private record Task(Duration due, Runnable work) {}

    @Override
    public Runnable schedule(Duration delay, Runnable task) {
        Task scheduled = new Task(now.plus(delay), task);
        tasks.add(scheduled);
        return () -> tasks.remove(scheduled);
    }

    void pass(long milliseconds) {
        now = now.plusMillis(milliseconds);
        while (!tasks.isEmpty() && tasks.peek().due().compareTo(now) <= 0) {
            tasks.remove().work().run();
        }
    }
}
