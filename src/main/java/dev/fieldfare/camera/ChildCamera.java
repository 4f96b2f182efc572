package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Frames that another program writes to its standard output. */
final class ChildCamera implements FrameSource {
    /** A program that sends nothing is found out by then and a quarter more. */
    private static final int LOOKS = 4;

    private final Child child;
    private final Format format;
    private final Words words;
    private final long firstMillis;
    private final long stallMillis;
    /** Counts reads; held while the fields of the watch are looked at. */
    private final Object watch = new Object();

    private long progress;
    private boolean waiting;
    private volatile boolean seen;
    private boolean stalled;
    private volatile boolean closed;

    /** How frames lie in the output. */
    interface Format {
        /** Reads a frame. Throws {@link EOFException} where there is none any more. */
        Frame read(InputStream output) throws IOException;
    }

    /** What a user is told. */
    interface Words {
        /** Why it ended, from its status and its last words; empty where that is as it should be. */
        Optional<String> ended(int status, boolean seen, List<String> said);

        /** That it sent nothing for so long. */
        String stalled(Duration time);
    }

    /**
     * @param first how long it may take to the first frame
     * @param stall how long it may take from frame to frame
     */
    ChildCamera(Child child, Format format, Words words, Duration first, Duration stall) {
        this.child = child;
        this.format = format;
        this.words = words;
        this.firstMillis = first.toMillis();
        this.stallMillis = stall.toMillis();
        Thread.ofPlatform().daemon().name("camera watch").start(this::watch);
    }

    @Override
    public Optional<Frame> next() {
        if (closed) {
            return Optional.empty();
        }
        waitingIs(true);
        try {
            Frame frame = format.read(output);
            seen = true;
            return Optional.of(frame);
        } catch (EOFException end) {
            return ended(end);
        } catch (IOException broken) {
            return ended(broken);
        } finally {
            waitingIs(false);
        }
    }

    /** Counts what is read, for the watch. */
    private final InputStream output = new InputStream() {
        @Override
        public int read() throws IOException {
            int value = child.output().read();
            progress(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = child.output().read(bytes, offset, length);
            progress(Math.max(0, count));
            return count;
        }
    };

    private void progress(int bytes) {
        synchronized (watch) {
            progress += bytes;
        }
    }

    private void waitingIs(boolean now) {
        synchronized (watch) {
            waiting = now;
        }
    }

    private Optional<Frame> ended(IOException reason) {
        if (closed) {
            return Optional.empty();
        }
        boolean late;
        synchronized (watch) {
            late = stalled;
        }
        if (late) {
            throw new FieldfareException(words.stalled(Duration.ofMillis(seen ? stallMillis : firstMillis)), reason);
        }
        child.hasEnded();
        int status = child.end();
        Optional<String> why = words.ended(status, seen, child.said());
        if (why.isPresent()) {
            throw new FieldfareException(why.get(), reason);
        }
        return Optional.empty();
    }

    /** Looks now and then whether anything came while it was waited for. */
    private void watch() {
        long before = -1;
        int still = 0;
        synchronized (watch) {
            while (!closed && !stalled) {
                try {
                    watch.wait(Math.max(1, (seen ? stallMillis : firstMillis) / LOOKS));
                } catch (InterruptedException e) {
                    return; // nobody does that
                }
                still = waiting && progress == before ? still + 1 : 0;
                before = progress;
                stalled = still >= LOOKS;
            }
        }
        child.close();
    }

    @Override
    public void close() {
        synchronized (watch) {
            closed = true;
            watch.notifyAll();
        }
        child.close();
    }
}
