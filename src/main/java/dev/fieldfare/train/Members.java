package dev.fieldfare.train;

import dev.fieldfare.model.LastLayer;
import dev.fieldfare.noise.Noise;
import dev.fieldfare.noise.Seed;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Trains the members of an ensemble, one after the other, on what the trunk made of the pictures once. One member is the
 * ordinary case.
 */
final class Members {
    private final EnsembleSettings settings;
    private final Progress progress;

    /** One training, from a seed, of some pictures, perhaps from where another ended. */
    interface Training {
        /**
         * Trains one member.
         *
         * @param left how many are still to be trained, this one included
         */
        Trained run(Seed seed, PreparedPictures prepared, Optional<Trained> from, int left);
    }

    Members(EnsembleSettings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /** All members; as one, where their weights are to be averaged. */
    List<Trained> train(Seed seed, PreparedPictures prepared, Training training) {
        List<Trained> members = new ArrayList<>();
        for (int i = 0; i < settings.members(); i++) {
            boolean chained = settings.by() == EnsembleSettings.By.SNAPSHOTS && i > 0;
            Seed own = Noise.OnMember.seed(seed, i);
            if (settings.members() > 1) {
                progress.note("member " + (i + 1) + " of " + settings.members());
            }
            members.add(training.run(
                    own,
                    prepared.resampled(settings.noise(), own.generator("bootstrap")),
                    chained ? Optional.of(members.getLast()) : Optional.empty(),
                    settings.members() - i));
        }
        boolean soup = settings.members() > 1 && settings.combine() == EnsembleSettings.Combine.WEIGHTS;
        return soup ? List.of(mean(members)) : members;
    }

    /** The network of the mean weights; of members that are less deeply trained than others nothing is taken. */
    static Trained mean(List<Trained> members) {
        int most = members.stream().mapToInt(Members::depth).max().orElse(0);
        List<Trained> deepest =
                members.stream().filter(member -> depth(member) == most).toList();
        Trained first = deepest.getFirst();
        List<Map<String, FloatBuffer>> weights =
                deepest.stream().map(member -> member.suffix().weights()).toList();
        Map<String, FloatBuffer> mean = new LinkedHashMap<>();
        weights.getFirst().forEach((name, own) -> {
            // Off the heap, which is small.
            FloatBuffer into = Arena.ofAuto()
                    .allocate((long) Float.BYTES * own.remaining(), Float.BYTES)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
            mean.put(
                    name,
                    mean(
                            weights.stream()
                                    .map(all -> Objects.requireNonNull(all.get(name)))
                                    .toList(),
                            into));
        });
        LastLayer layer = new LastLayer(
                mean(deepest, LastLayer::weight),
                mean(deepest, LastLayer::bias),
                first.layer().centre(),
                first.layer().dropout());
        return first.with(first.suffix().with(mean), layer);
    }

    private static int depth(Trained member) {
        return member.suffix().parameters().size();
    }

    private static float[] mean(List<Trained> members, Function<LastLayer, float[]> part) {
        List<FloatBuffer> parts = members.stream()
                .map(member -> FloatBuffer.wrap(part.apply(member.layer())))
                .toList();
        return mean(parts, FloatBuffer.allocate(parts.getFirst().remaining())).array();
    }

    private static FloatBuffer mean(List<FloatBuffer> buffers, FloatBuffer into) {
        for (int i = 0; i < into.capacity(); i++) {
            double sum = 0;
            for (FloatBuffer buffer : buffers) {
                sum += buffer.get(buffer.position() + i);
            }
            into.put(i, (float) (sum / buffers.size()));
        }
        return into;
    }
}
