package dev.fieldfare.noise;

import java.util.List;
import java.util.stream.LongStream;

/**
 * Which draw of a network's noise is meant: the same one always gives the same {@code z}.
 *
 * @param seed of the run
 * @param position what tells this draw from all others of the run, such as the epoch and the picture
 */
public record Draw(Seed seed, List<Long> position) {
    /** The one draw that stands in for noise in use, where its expectation has no closed form. */
    public static final Draw SETTLED = of(new Seed(0));

    public Draw {
        position = List.copyOf(position);
    }

    /** The draw at a position. */
    public static Draw of(Seed seed, long... position) {
        return new Draw(seed, LongStream.of(position).boxed().toList());
    }

    long[] coordinates() {
        return position.stream().mapToLong(Long::longValue).toArray();
    }
}
