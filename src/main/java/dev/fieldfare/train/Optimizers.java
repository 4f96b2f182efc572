package dev.fieldfare.train;

import dev.fieldfare.autodiff.Adam;
import dev.fieldfare.autodiff.MovingAverage;
import dev.fieldfare.autodiff.SgdMomentum;
import dev.fieldfare.autodiff.UpdateRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The table of optimizers: one line an optimizer, by the name that it has in configuration files. */
final class Optimizers {
    private static final Map<String, Function<TrainingSettings.OptimizerSettings, UpdateRule>> TABLE =
            new LinkedHashMap<>();

    static {
        TABLE.put("adam", settings -> Adam.standard());
        TABLE.put("sgd", settings -> new SgdMomentum((float) settings.momentum()));
    }

    private Optimizers() {}

    static List<String> names() {
        return List.copyOf(TABLE.keySet());
    }

    static UpdateRule of(TrainingSettings.OptimizerSettings settings) {
        UpdateRule rule = Objects.requireNonNull(TABLE.get(settings.name())).apply(settings);
        return settings.averaging() > 0 ? new MovingAverage(rule, (float) settings.averaging()) : rule;
    }
}
