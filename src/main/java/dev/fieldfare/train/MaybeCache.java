package dev.fieldfare.train;

import java.nio.file.Path;
import java.util.Optional;

/** A cache for the values at the cut, where the plan has one. */
record MaybeCache(Optional<FeatureCache> cache) implements AutoCloseable {
    static MaybeCache of(Path file, MemoryPlan plan) {
        return new MaybeCache(
                plan.cached()
                        ? Optional.of(FeatureCache.create(
                                file, Math.toIntExact(plan.suffix().shape().elements())))
                        : Optional.empty());
    }

    @Override
    public void close() {
        cache.ifPresent(FeatureCache::close);
    }
}
