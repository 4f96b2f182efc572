package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.camera.Frame;
import dev.fieldfare.camera.FrameOrigin;
import dev.fieldfare.camera.FrameSource;
import dev.fieldfare.camera.Part;
import dev.fieldfare.camera.SimulatedBench;
import dev.fieldfare.camera.SimulatedCamera;
import dev.fieldfare.noise.Seed;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** A bench in front of a camera, on which a test lays what it likes, and whose cable it can pull. */
final class Stage {
    private final AtomicLong frames = new AtomicLong();
    private volatile Part part = Part.NUT;
    private volatile boolean plugged = true;
    private volatile boolean over;

    void show(Part other) {
        part = other;
    }

    void unplug() {
        plugged = false;
    }

    void plug() {
        plugged = true;
    }

    /** There are no more frames, as at the end of a folder. */
    void end() {
        over = true;
    }

    /** How many frames it has given. */
    long frames() {
        return frames.get();
    }

    /** As fast as they are looked at, so that each of them must be looked at. */
    FrameOrigin origin() {
        return new FrameOrigin("stage", false, Camera::new);
    }

    private final class Camera implements FrameSource {
        private final Seed seed = new Seed(7);
        private final SimulatedCamera camera =
                new SimulatedCamera(SimulatedBench.day().withFrame(96, 96), index -> seed.generator("stage", index));
        private volatile boolean closed;

        Camera() {
            requirePlugged();
        }

        private void requirePlugged() {
            if (!plugged) {
                throw new FieldfareException("stage: the cable is out");
            }
        }

        @Override
        public Optional<Frame> next() {
            requirePlugged();
            if (closed || over) {
                return Optional.empty();
            }
            pause();
            return Optional.of(Frame.of(
                    "stage", camera.draw(frames.getAndIncrement(), part).picture()));
        }

        /** Leaves some of the processor to the training. */
        private void pause() {
            try {
                Thread.sleep(4);
            } catch (InterruptedException e) {
                closed = true;
            }
        }

        @Override
        public void close() {
            closed = true;
            camera.close();
        }
    }
}
