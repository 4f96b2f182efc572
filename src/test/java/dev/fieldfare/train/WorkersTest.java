package dev.fieldfare.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkersTest {
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 5", "2, 1", "2, 2", "3, 2", "2, 9"})
    void resultsComeInTheOrderOfTheTasks(int threads, int tasks) {
        try (Workers workers = new Workers(threads)) {
            List<Callable<Integer>> squares = IntStream.range(0, tasks)
                    .<Callable<Integer>>mapToObj(i -> () -> i * i)
                    .toList();
            assertEquals(IntStream.range(0, tasks).mapToObj(i -> i * i).toList(), workers.all(squares));
        }
    }

    /** Each waits for the other, so one thread could not do both. */
    @Test
    void tasksRunAtTheSameTimeAndTheCallerTakesOne() {
        try (Workers workers = new Workers(2)) {
            CountDownLatch both = new CountDownLatch(2);
            Callable<Thread> task = () -> {
                both.countDown();
                both.await();
                return Thread.currentThread();
            };
            List<Thread> threads = workers.all(List.of(task, task));
            assertSame(Thread.currentThread(), threads.getFirst());
            assertNotSame(Thread.currentThread(), threads.getLast());
        }
    }

    @Test
    void noMoreRunThanThereAreThreads() {
        AtomicInteger running = new AtomicInteger();
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            tasks.add(() -> {
                int now = running.incrementAndGet();
                Thread.sleep(2);
                running.decrementAndGet();
                return now;
            });
        }
        try (Workers workers = new Workers(3)) {
            assertTrue(workers.all(tasks).stream().allMatch(now -> now <= 3));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "3, 3", "2, 3"})
    void theFirstFailureIsThrownOnceAllHaveEnded(int threads, int tasks) {
        AtomicInteger ended = new AtomicInteger();
        List<Callable<Integer>> failing = IntStream.range(0, tasks)
                .<Callable<Integer>>mapToObj(i -> () -> {
                    Thread.sleep(5L * i);
                    ended.incrementAndGet();
                    if (i > 0) {
                        throw new IllegalStateException("task " + i);
                    }
                    return i;
                })
                .toList();
        try (Workers workers = new Workers(threads)) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> workers.all(failing));
            assertEquals("task 1", thrown.getMessage());
            assertEquals(tasks, ended.get());
            // And they go on working.
            assertEquals(List.of(7), workers.all(List.of(() -> 7)));
        }
    }
}
