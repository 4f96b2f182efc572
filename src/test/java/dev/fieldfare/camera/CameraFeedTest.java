package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.YuvColours;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CameraFeedTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final CameraFeed.Settings REOPEN = new CameraFeed.Settings(Duration.ZERO, true);
    private static final CameraFeed.Settings ONCE = new CameraFeed.Settings(Duration.ZERO, false);
    private static final InstantSource STANDING = InstantSource.fixed(Instant.EPOCH);

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final List<Duration> slept = Collections.synchronizedList(new ArrayList<>());
    private final Sleeper dozing = slept::add;

    private final FeedListener listener = new FeedListener() {
        @Override
        public void opened(String camera, boolean again) {
            heard.add(again ? "again" : "opened");
        }

        @Override
        public void settled(String camera, int framesDropped) {
            heard.add("settled " + framesDropped);
        }

        @Override
        public void lost(String camera, String reason, Duration retryIn) {
            heard.add("lost: " + reason);
        }

        @Override
        public void ended(String camera) {
            heard.add("ended");
        }
    };

    /** Frames whose brightness is what the queue says; -1 is a failure, -2 the end. */
    private static final class Scripted implements FrameSource {
        private final Supplier<Integer> script;
        private final FrameBuffers buffers =
                new FrameBuffers("scripted", PixelFormat.GREY, YuvColours.BT601_FULL, 1, 1, 1, 0);
        private volatile boolean closed;

        Scripted(Supplier<Integer> script) {
            this.script = script;
        }

        @Override
        public Optional<Frame> next() {
            int value = closed ? -2 : script.get();
            if (value == -1) {
                throw new FieldfareException("unplugged");
            }
            if (value == -2) {
                return Optional.empty();
            }
            buffers.next()[0] = (byte) value;
            return Optional.of(buffers.lend());
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static Supplier<Integer> script(BlockingQueue<Integer> values) {
        return () -> {
            try {
                return values.take();
            } catch (InterruptedException e) {
                return -2;
            }
        };
    }

    private static FrameOrigin live(Supplier<FrameSource> opener) {
        return new FrameOrigin("scripted", true, opener);
    }

    private static int take(CameraFeed feed) throws InterruptedException {
        try (Frame frame = feed.next(LONG).orElseThrow()) {
            return (int) frame.pixels().brightness();
        }
    }

    private static void until(CameraFeed feed, IntPredicate received) throws InterruptedException {
        while (!received.test((int) feed.counts().received())) {
            Thread.sleep(1);
        }
    }

    @Test
    void theNewestFrameIsGivenAndOlderOnesAreCounted() throws InterruptedException {
        BlockingQueue<Integer> values = new LinkedBlockingQueue<>(List.of(1, 2, 3));
        try (CameraFeed feed =
                CameraFeed.start(live(() -> new Scripted(script(values))), REOPEN, listener, STANDING, dozing)) {
            until(feed, count -> count == 3);
            try (Frame held = feed.next(LONG).orElseThrow()) {
                assertEquals(3, (int) held.pixels().brightness());
                // While one is looked at, many come; it stays as it is.
                values.addAll(List.of(4, 5, 6, 7, 8));
                until(feed, count -> count == 8);
                assertEquals(3, (int) held.pixels().brightness());
            }
            assertEquals(8, take(feed));
            assertEquals(new CameraFeed.Counts(8, 6), feed.counts());
            assertEquals(Optional.empty(), feed.next(Duration.ofMillis(1)));
            assertFalse(feed.hasEnded());
        }
        assertEquals(List.of("opened", "settled 0"), heard);
    }

    @Test
    void everyFrameCountsWhereNoneComesByItself() throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        FrameOrigin folder = new FrameOrigin(
                "folder",
                false,
                () -> new Scripted(() -> {
                    int value = next.incrementAndGet();
                    return value <= 200 ? value : -2;
                }));
        try (CameraFeed feed = CameraFeed.start(folder, REOPEN, listener, STANDING, dozing)) {
            for (int i = 1; i <= 200; i++) {
                assertEquals(i, take(feed));
            }
            assertEquals(Optional.empty(), feed.next(LONG));
            assertTrue(feed.hasEnded());
            assertEquals(new CameraFeed.Counts(200, 0), feed.counts());
        }
        assertEquals(List.of("opened", "settled 0", "ended"), heard);
    }

    @Test
    void aLostCameraIsOpenedAgainAfterLongerAndLongerPauses() throws InterruptedException {
        AtomicInteger openings = new AtomicInteger();
        BlockingQueue<Integer> last = new LinkedBlockingQueue<>(List.of(9));
        FrameOrigin origin = live(() -> {
            int opening = openings.incrementAndGet();
            if (opening == 1) {
                return new Scripted(script(new LinkedBlockingQueue<>(List.of(7, -1))));
            }
            if (opening <= 9) {
                throw new FieldfareException("no such camera");
            }
            return new Scripted(script(opening == 10 ? new LinkedBlockingQueue<>(List.of(8, -2)) : last));
        });
        try (CameraFeed feed = CameraFeed.start(origin, REOPEN, listener, STANDING, dozing)) {
            until(feed, count -> count == 3);
            assertEquals(9, take(feed));
        }
        assertEquals(
                List.of(500L, 1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 30000L, 500L),
                slept.stream().map(Duration::toMillis).toList());
        assertEquals(List.of("opened", "settled 0", "lost: unplugged", "lost: no such camera"), heard.subList(0, 4));
        assertEquals(
                List.of("again", "settled 0", "lost: scripted: the stream has ended", "again", "settled 0"),
                heard.subList(heard.size() - 5, heard.size()));
    }

    @Test
    void whatIsNotToBeOpenedAgainFailsInTheConsumer() throws InterruptedException {
        FrameOrigin origin = live(() -> new Scripted(script(new LinkedBlockingQueue<>(List.of(7, -1)))));
        try (CameraFeed feed = CameraFeed.start(origin, ONCE, listener, STANDING, dozing)) {
            assertEquals(7, take(feed));
            assertEquals(
                    "unplugged",
                    assertThrows(FieldfareException.class, () -> feed.next(LONG))
                            .getMessage());
            assertFalse(feed.hasEnded(), "who asks whether it goes on must hear of the failure, too");
            assertThrows(FieldfareException.class, () -> feed.next(LONG));
        }
        assertEquals(List.of(), slept);
    }

    @Test
    void aBugInASourceIsNotHidden() throws InterruptedException {
        FrameOrigin origin = live(() -> {
            throw new IllegalStateException("bug");
        });
        try (CameraFeed feed = CameraFeed.start(origin, REOPEN, listener, STANDING, dozing)) {
            assertThrows(IllegalStateException.class, () -> feed.next(LONG));
        }
    }

    @Test
    void framesAreDroppedUntilTheyAreEquallyBright() throws InterruptedException {
        BlockingQueue<Integer> values =
                new LinkedBlockingQueue<>(List.of(200, 150, 120, 104, 101, 100, 100, 100, 101, 99));
        CameraFeed.Settings settle = new CameraFeed.Settings(Duration.ofSeconds(2), true);
        try (CameraFeed feed =
                CameraFeed.start(live(() -> new Scripted(script(values))), settle, listener, STANDING, dozing)) {
            until(feed, count -> count == 3);
        }
        assertEquals(List.of("opened", "settled 7"), heard);
    }

    @Test
    void butNotForEver() throws InterruptedException {
        AtomicLong millis = new AtomicLong();
        InstantSource running = () -> Instant.ofEpochMilli(millis.getAndAdd(100));
        AtomicInteger flicker = new AtomicInteger();
        CameraFeed.Settings settle = new CameraFeed.Settings(Duration.ofSeconds(2), true);
        try (CameraFeed feed = CameraFeed.start(
                live(() -> new Scripted(() -> flicker.incrementAndGet() % 2 == 0 ? 40 : 200)),
                settle,
                listener,
                running,
                dozing)) {
            take(feed);
        }
        assertEquals(List.of("opened", "settled 20"), heard);
    }

    @Test
    void closingEndsAPauseAndAWaitingConsumer() throws InterruptedException {
        FrameOrigin origin = live(() -> {
            throw new FieldfareException("no such camera");
        });
        CameraFeed feed = CameraFeed.start(origin, REOPEN, listener, STANDING, Thread::sleep);
        List<Optional<Frame>> got = Collections.synchronizedList(new ArrayList<>());
        Thread consumer = Thread.ofPlatform().start(() -> {
            try {
                got.add(feed.next(LONG));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        feed.close();
        consumer.join();
        assertEquals(List.of(Optional.empty()), got);
        assertTrue(feed.hasEnded());
    }

    /** A day of a camera is a million frames: each may cost a few words, not a buffer. */
    @Test
    void aFrameTakesNoMemoryWorthSpeakingOf() throws InterruptedException {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        AtomicLong allocated = new AtomicLong();
        AtomicInteger frames = new AtomicInteger();
        FrameOrigin origin = live(() -> new Scripted(() -> {
            int frame = frames.incrementAndGet();
            if (frame == 20_000 || frame == 80_000) {
                allocated.set(
                        threads.getThreadAllocatedBytes(Thread.currentThread().threadId()) - allocated.get());
            }
            return frame <= 80_000 ? frame % 100 : -2;
        }));
        int taken = 0;
        try (CameraFeed feed = CameraFeed.start(origin, ONCE, listener, STANDING, dozing)) {
            while (!feed.hasEnded()) {
                Optional<Frame> next = feed.next(LONG);
                next.ifPresent(Frame::close);
                taken += next.isPresent() ? 1 : 0;
            }
            assertEquals(taken + feed.counts().dropped(), feed.counts().received());
        }
        assertTrue(taken > 0);
        double each = allocated.get() / 60_000.0;
        assertTrue(each > 0 && each < 200, each + " bytes a frame");
    }
}
