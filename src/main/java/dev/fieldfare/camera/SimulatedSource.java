package dev.fieldfare.camera;

import java.util.Optional;

/** The simulated camera by its name, {@code simulated:day}; its frames are as large as its bench draws them. */
final class SimulatedSource implements FrameSource {
    private final String name;
    private final SimulatedCamera camera;
    private final int degrees;

    private SimulatedSource(String name, SimulatedCamera camera, int degrees) {
        this.name = name;
        this.camera = camera;
        this.degrees = degrees;
    }

    static FrameSource open(CameraSettings settings, FrameSources.Surroundings around) {
        String source = settings.source();
        int colon = source.indexOf(':');
        SimulatedBench bench = colon < 0 ? SimulatedBench.day() : SimulatedBench.named(source.substring(colon + 1));
        SimulatedCamera camera = new SimulatedCamera(bench, around.randomness());
        return new PacedSource(
                new SimulatedSource(source, camera, settings.rotate()), settings.framesPerSecond(), around.sleeper());
    }

    @Override
    public Optional<Frame> next() {
        return camera.next()
                .map(frame -> Frame.of(name + " " + frame.name(), frame.pixels().turned(degrees)));
    }

    @Override
    public void close() {
        camera.close();
    }
}
