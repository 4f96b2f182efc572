package dev.fieldfare.train;

import java.nio.file.Path;
import java.util.Optional;

/** A cache for the values at the cut, where the plan has one. */
record MaybeCache(Optional<FeatureCache> cache) implements AutoCloseable {
    /** @param kept whether its file stays when this is closed */
    static MaybeCache of(Path file, MemoryPlan plan, boolean kept) {
        return new MaybeCache(
                plan.cached()
                        ? Optional.of(FeatureCache.open(
                                file, Math.toIntExact(plan.suffix().shape().elements()), kept))
                        : Optional.empty());
    }

    @Override
    public void close() {
        cache.ifPresent(FeatureCache::close);
    }
}
