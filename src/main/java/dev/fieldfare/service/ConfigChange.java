package dev.fieldfare.service;

import dev.fieldfare.model.StrictYaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that was changed while its device runs.
 *
 * @param now what the device goes by from now on
 * @param later the keys that hold from the next start on
 */
record ConfigChange(DeviceConfig now, List<String> later) {
    private static final int MOST_NAMED = 5;

    /** What can change while a device runs is of its classifiers; those that come or go do so at the next start. */
    static ConfigChange of(DeviceConfig running, DeviceConfig changed) {
        Map<String, ClassifierSettings> settings = new LinkedHashMap<>();
        running.classifiers()
                .forEach((name, its) ->
                        settings.put(name, its.changedLive(changed.classifiers().getOrDefault(name, its))));
        DeviceConfig now = running.withClassifiers(settings);
        List<String> later = new ArrayList<>();
        compare("", StrictYaml.toMap(now), StrictYaml.toMap(changed), later);
        return new ConfigChange(now, later);
    }

    /** Adds the keys whose values differ; a list is one value. */
    private static void compare(String key, @Nullable Object one, @Nullable Object other, List<String> different) {
        if (one instanceof Map<?, ?> here && other instanceof Map<?, ?> there) {
            Set<Object> keys = new LinkedHashSet<>(here.keySet());
            keys.addAll(there.keySet());
            keys.forEach(below -> compare(
                    key.isEmpty() ? below.toString() : key + "." + below,
                    here.get(below),
                    there.get(below),
                    different));
        } else if (!Objects.equals(one, other)) {
            different.add(key);
        }
    }

    /** For the log. */
    String inWords() {
        if (later.isEmpty()) {
            return "the configuration has changed; all of it holds from now on";
        }
        int named = Math.min(MOST_NAMED, later.size());
        return "the configuration has changed; these keys hold from the next start on, all else from now on: "
                + String.join(", ", later.subList(0, named))
                + (named < later.size() ? " and " + (later.size() - named) + " more" : "");
    }
}
