package dev.fieldfare.train;

import dev.fieldfare.autodiff.Adam;
import dev.fieldfare.autodiff.MovingAverage;
import dev.fieldfare.autodiff.SgdMomentum;
import dev.fieldfare.autodiff.UpdateRule;
import dev.fieldfare.model.Suffix;
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

    /** What the settings ask for, for the parameters of a suffix and the last layer behind it. */
    static UpdateRule of(TrainingSettings settings, Suffix suffix) {
        TrainingSettings.OptimizerSettings optimizer = settings.optimizer();
        UpdateRule rule = Penalties.around(
                Objects.requireNonNull(TABLE.get(optimizer.name())).apply(optimizer),
                settings.regularization(),
                suffix);
        // Around all else: what is averaged is what the weights become.
        return optimizer.averaging() > 0 ? new MovingAverage(rule, (float) optimizer.averaging()) : rule;
    }
}
