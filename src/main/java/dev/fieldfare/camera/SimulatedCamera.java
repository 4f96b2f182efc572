package dev.fieldfare.camera;

import dev.fieldfare.image.Picture;
import java.awt.AlphaComposite;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A camera over a workbench that is drawn, for demonstrations and tests without a camera, and for training pictures
 * without a licence. It knows what lies there. A frame depends on its number alone, never on the frames before it: the
 * same randomness gives the same bytes. Used by one thread at a time, but closed by any.
 */
public final class SimulatedCamera implements FrameSource {
    private final SimulatedBench bench;
    private final LongFunction<RandomGenerator> randomness;
    private final int[] ground;
    private final BufferedImage layer;
    private final float[][] light;
    private final Lighting lighting;
    private final Blur blur;
    private long next;
    private volatile boolean closed;

    /**
     * A frame and the truth about it.
     *
     * @param part what lies there
     */
    public record Drawn(Picture picture, Part part) {}

    /** @param randomness a frame's number, from 0, to a new generator for it, always in the same state */
    public SimulatedCamera(SimulatedBench bench, LongFunction<RandomGenerator> randomness) {
        int pixels = bench.width() * bench.height();
        this.bench = bench;
        this.randomness = randomness;
        this.ground = new int[pixels];
        this.layer = new BufferedImage(bench.width(), bench.height(), BufferedImage.TYPE_INT_ARGB);
        this.light = new float[3][pixels];
        this.lighting = new Lighting(bench.width(), bench.height());
        this.blur = new Blur(bench.width(), bench.height());
    }

    /** Frame 0, 1, 2 and so on without end, until the camera is closed. */
    @Override
    public Optional<Frame> next() {
        if (closed) {
            return Optional.empty();
        }
        Drawn drawn = draw(next);
        return Optional.of(Frame.of("frame " + next++ + " (" + drawn.part().label() + ")", drawn.picture()));
    }

    /** The frame of this number, whatever was drawn before. */
    public Drawn draw(long index) {
        return draw(index, null, true);
    }

    /** The frame of this number, but with another part in the same place on the same ground in the same light. */
    public Drawn draw(long index, Part part) {
        return draw(index, part, true);
    }

    /** The frame of this number without its part. */
    Picture drawGround(long index) {
        return draw(index, null, false).picture();
    }

    private Drawn draw(long index, @Nullable Part wanted, boolean withPart) {
        RandomGenerator random = randomness.apply(index);
        Scene scene = Scene.draw(bench, random, wanted);
        GroundPainter.paint(scene.base(), bench.width(), bench.height(), ground);
        int[] part = ((DataBufferInt) layer.getRaster().getDataBuffer()).getData();
        paintPart(scene, withPart);
        lighting.light(scene, ground, part, light);
        for (float[] plane : light) {
            blur.defocus(plane, scene.defocus());
            blur.motion(plane, scene.motionX(), scene.motionY());
        }
        Picture picture = new Sensor(bench.noise()).expose(light, bench.width(), bench.height(), random);
        return new Drawn(picture, scene.part());
    }

    @Override
    public void close() {
        closed = true;
    }

    private void paintPart(Scene scene, boolean withPart) {
        Graphics2D graphics = layer.createGraphics();
        try {
            graphics.setComposite(AlphaComposite.Clear);
            graphics.fillRect(0, 0, bench.width(), bench.height());
            if (!withPart) {
                return;
            }
            graphics.setComposite(AlphaComposite.SrcOver);
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            graphics.translate(scene.x(), scene.y());
            // A plane seen from the side is shorter in that direction.
            graphics.rotate(scene.lean());
            graphics.scale(Math.cos(scene.tilt()), 1);
            graphics.rotate(scene.angle() - scene.lean());
            graphics.scale(scene.size(), scene.size());
            double toLight = scene.lamp().direction() - scene.angle();
            double toFoot = scene.lean() - scene.angle();
            scene.part()
                    .painter()
                    .paint(
                            graphics,
                            new Look(
                                    material(scene),
                                    Math.cos(toLight),
                                    Math.sin(toLight),
                                    Math.sin(scene.tilt()) * Math.cos(toFoot),
                                    Math.sin(scene.tilt()) * Math.sin(toFoot),
                                    scene.variation()));
        } finally {
            graphics.dispose();
        }
    }

    private static Material material(Scene scene) {
        List<Material> materials = scene.part().materials();
        return materials.get((int) (scene.variation().get(0) * materials.size()));
    }
}
