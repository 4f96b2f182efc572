package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Suffix;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The plan that pictures are looked at for, and those of trainings on what was made of them: as deep or shallower, with what
 * their own settings need.
 */
final class Plans {
    private final ClassifierModel parent;
    private final LabelledPictures found;
    private final long usableBytes;
    private final MemoryNeeds.AlsoHeld alsoHeld;
    private final Planner planner;
    private final MemoryPlan chosen;

    private Plans(
            ClassifierModel parent,
            LabelledPictures found,
            TrainingSettings settings,
            long usableBytes,
            MemoryNeeds.AlsoHeld alsoHeld,
            Path work,
            InstantSource clock) {
        this.parent = parent;
        this.found = found;
        this.usableBytes = usableBytes;
        this.alsoHeld = alsoHeld;
        this.planner = planner(settings);
        this.chosen = planner.choose(
                new Trial(parent, found.labels().size(), planner.width(), settings, work, clock, Trial.SHORT));
    }

    /**
     * Chooses, which may take a moment to try how fast the machine is.
     *
     * @param usableBytes of the disk, for caches
     * @param alsoHeld memory that has nothing to do with training
     * @param work a folder for files that are gone when this returns
     * @throws FieldfareException if nothing fits into the memory of the settings
     */
    static Plans choose(
            ClassifierModel parent,
            LabelledPictures found,
            TrainingSettings settings,
            long usableBytes,
            MemoryNeeds.AlsoHeld alsoHeld,
            Path work,
            InstantSource clock) {
        return new Plans(parent, found, settings, usableBytes, alsoHeld, work, clock);
    }

    /** What the pictures are looked at for. */
    MemoryPlan chosen() {
        return chosen;
    }

    /** How many trainings may run at the same time, 1 up to so many threads. */
    int sideBySide(int threads) {
        return planner.sideBySide(chosen, threads);
    }

    private Planner planner(TrainingSettings settings) {
        return new Planner(
                parent,
                found.labels().size(),
                found.pictures().size(),
                found.development(settings.split()),
                settings,
                usableBytes,
                alsoHeld);
    }

    /**
     * What is trained by settings on these pictures.
     *
     * @throws FieldfareException if they ask for layers before the cut that the pictures were looked at for
     */
    MemoryPlan of(TrainingSettings settings) {
        TrainSpec spec = TrainSpec.parse(settings.train());
        if (spec instanceof TrainSpec.Auto || spec.equals(chosen.train())) {
            return chosen;
        }
        Suffix asked = planner.suffix(spec);
        if (asked.isEmpty()) {
            return chosen.shallower(spec, chosen.suffix().end());
        }
        Set<String> names = asked.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
        List<Parameter> some = chosen.suffix().parameters().stream()
                .filter(parameter -> names.contains(parameter.name()))
                .toList();
        if (some.size() < names.size()) {
            throw new FieldfareException("train: " + spec.spec() + " is deeper than "
                    + chosen.train().spec()
                    + ", which is what the pictures were looked at for; leave it out, or raise the time and"
                    + " the memory");
        }
        return chosen.shallower(spec, chosen.suffix().withParameters(some));
    }

    /** The plan of each member: as deep as the whole, with what its own settings need. */
    List<MemoryPlan> ofMembers(TrainingSettings settings) {
        MemoryPlan whole = of(settings);
        return IntStream.range(0, settings.ensemble().members())
                .mapToObj(settings::ofMember)
                .map(own -> own.equals(settings)
                        ? whole
                        : planner(own.withTrain(whole.train())).plan())
                .toList();
    }
}
