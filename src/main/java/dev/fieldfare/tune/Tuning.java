package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.Progress;
import dev.fieldfare.train.Rehearsal;
import dev.fieldfare.train.Retraining;
import dev.fieldfare.train.Suspect;
import dev.fieldfare.train.TrainingReport;
import dev.fieldfare.train.TrainingSettings;
import dev.fieldfare.train.Workbench;
import dev.fieldfare.train.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Chooses hyperparameters in seven steps: the initial loss, a small sample learnt by heart, a range of learning rates, a
 * coarse search, refining, the curves, and back to refining while it pays (Stanford's CS231n, "Choosing hyperparameters").
 * Then trains with what it chose, and says what that gained on pictures that no trial saw.
 */
public final class Tuning {
    /** Where no time is given. */
    static final double UNASKED_MINUTES = 10;

    /** Of the time, at most for looking at the pictures and for the depth that one training may reach. */
    private static final double LOOKING_SHARE = 0.3;

    /** Of the time, until when the coarse search goes on, and refining. */
    private static final double COARSE_UNTIL = 0.55;

    private static final double REFINE_UNTIL = 0.75;
    private static final int MOST_TRIALS = 10_000;
    private static final int MOST_SUSPECTS = 12;

    private final ClassifierModel parent;
    private final Path dataFolder;
    private final ModelStore store;
    private final TrainingSettings asked;
    private final TuningSettings tuning;
    private final String program;
    private final InstantSource clock;
    private final Progress progress;
    private final List<Step> steps = new ArrayList<>();
    private final List<Trial> trials = new ArrayList<>();

    /**
     * @param asked settings that the search begins with and is compared with; {@code minutes} is the time for everything
     * @param program name and version of this program, for the provenance
     */
    public Tuning(
            ClassifierModel parent,
            Path dataFolder,
            ModelStore store,
            TrainingSettings asked,
            TuningSettings tuning,
            String program,
            InstantSource clock,
            Progress progress) {
        this.parent = parent;
        this.dataFolder = dataFolder;
        this.store = store;
        this.asked = asked;
        this.tuning = tuning;
        this.program = program;
        this.clock = clock;
        this.progress = progress;
        if (asked.ensemble().members() > 1) {
            throw new FieldfareException(
                    "ensemble.members: settings are searched for one network; leave it out here, and"
                            + " add it to the settings that come out");
        }
    }

    /** What is known while it goes on. */
    private final class Run {
        private final Workbench bench;
        private final Workers workers;
        private final Laboratory laboratory;
        private final TrainingSettings base;
        private final Instant start;
        private final Duration whole;

        Run(
                Workbench bench,
                Workers workers,
                Laboratory laboratory,
                TrainingSettings base,
                Instant start,
                Duration whole) {
            this.bench = bench;
            this.workers = workers;
            this.laboratory = laboratory;
            this.base = base;
            this.start = start;
            this.whole = whole;
        }

        private Instant at(double share) {
            return start.plusMillis((long) (share * whole.toMillis()));
        }

        private boolean isAfter(double share) {
            return clock.instant().isAfter(at(share));
        }

        private boolean hasTime(double share, double seconds) {
            double spread = seconds / Math.min(workers.count(), Search.AHEAD);
            return !clock.instant().plusMillis((long) (1000 * spread)).isAfter(at(share));
        }
    }

    private void ended(Trial trial) {
        trials.add(trial);
        progress.note(TrialTable.row(trial));
    }

    private <T> T step(int number, String name, List<Finding> findings, Supplier<T> work) {
        Instant begin = clock.instant();
        progress.note(number + ". " + name);
        T result = work.get();
        Step step = new Step(
                number, name, findings, Duration.between(begin, clock.instant()).toNanos() / 1e9);
        step.findings().forEach(finding -> progress.note("   " + mark(finding.kind()) + " " + finding.text()));
        steps.add(step);
        return result;
    }

    private static String mark(Finding.Kind kind) {
        return switch (kind) {
            case GOOD -> "ok     ";
            case NOTE -> "note   ";
            case WARNING -> "warning";
            case PROBLEM -> "problem";
        };
    }

    /** Does it all. */
    public TuningReport run() {
        Instant start = clock.instant();
        double minutes = asked.minutes() > 0 ? asked.minutes() : UNASKED_MINUTES;
        Duration whole = Duration.ofMillis((long) (60_000 * minutes));
        TrainingSettings looking = SearchSpace.apply(
                asked,
                Map.of("minutes", LOOKING_SHARE * minutes, "earlyStopping.refit", true, "suffix.inputs", "AUTO"));
        Workbench bench = Workbench.open(
                parent,
                dataFolder,
                store,
                looking,
                Optional.of(start.plus(whole.multipliedBy(3).dividedBy(10))),
                clock,
                progress);
        TrainingSettings base = SearchSpace.apply(
                asked,
                Map.of(
                        "train", bench.deepest(),
                        "minutes", 0,
                        "optimizer.learningRate", bench.learningRate(asked),
                        "suffix.learningRate", bench.suffixLearningRate(asked)));
        try (bench;
                Workers workers = new Workers(Math.min(Search.AHEAD, bench.sideBySide(asked)));
                Journal journal = Journal.open(store.folder().resolve("tuning/journal.jsonl"), identity(bench, base))) {
            if (journal.size() > 0) {
                progress.note(journal.size() + " trials of an interrupted search of the same are taken over");
            }
            Laboratory laboratory = new Laboratory(bench, base, tuning.folds(), tuning.repeats(), journal, clock);
            return search(new Run(bench, workers, laboratory, base, start, whole), start);
        }
    }

    private String identity(Workbench bench, TrainingSettings base) {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("program", program);
        identity.put("model", dev.fieldfare.files.Sha256.of(parent.file()));
        identity.put("data", bench.sha256());
        identity.put("settings", StrictYaml.toMap(base));
        identity.put("folds", tuning.folds());
        identity.put("ranges", tuning.ranges());
        return StrictYaml.toJson(identity);
    }

    private TuningReport search(Run run, Instant start) {
        Workbench bench = run.bench;
        Seed seed = new Seed(asked.seed());
        List<Fold> folds = bench.folds(tuning.folds(), seed, 0);
        List<Finding> initial = new ArrayList<>();
        step(1, "initial loss", initial, () -> initial.addAll(InitialLoss.check(bench, run.base)));
        List<Finding> sample = new ArrayList<>();
        step(
                2,
                "a small sample by heart",
                sample,
                () -> sample.addAll(SmallSample.check(bench, run.base, run.workers)));
        List<Finding> ranges = new ArrayList<>();
        RangeTest rates = step(3, "learning rates that make the loss go down", ranges, () -> {
            RangeTest test = RangeTest.run(bench, run.base, folds.getFirst(), run.workers);
            ranges.addAll(test.findings(run.base.optimizer().learningRate()));
            return test;
        });
        Map<String, SearchSpace> spaces = new LinkedHashMap<>();
        for (String depth : Ranges.depths(tuning, asked, bench)) {
            spaces.put(depth, Ranges.of(tuning, run.base, depth, rates, bench));
        }
        Trial coarse = coarse(run, spaces, seed);
        Refined refined = refine(run, spaces, coarse, seed);
        List<Finding> curves = new ArrayList<>();
        List<Suspect> suspects = new ArrayList<>();
        step(6, "the curves", curves, () -> {
            curves.addAll(CurveReading.of(refined.chosen(), bench.labels().size()));
            suspects.addAll(suspects(run, folds));
            if (!suspects.isEmpty()) {
                curves.add(Finding.note(suspects.size() + " pictures look like another label than they have, first "
                        + suspects.getFirst().file() + " ("
                        + suspects.getFirst().label() + ", looks like "
                        + suspects.getFirst().looksLike() + ")"));
            }
            return curves;
        });
        steps.add(refined.back());
        return finish(run, refined.chosen(), refined.before(), rates, spaces, suspects, start);
    }

    private Trial coarse(Run run, Map<String, SearchSpace> spaces, Seed seed) {
        List<Finding> findings = new ArrayList<>();
        return step(4, "coarse search, " + tuning.search().name().toLowerCase(java.util.Locale.ROOT), findings, () -> {
            List<Double> efforts = efforts();
            int most = tuning.trials() > 0 ? tuning.trials() : MOST_TRIALS;
            List<Search.Arm> arms = new ArrayList<>();
            spaces.forEach((depth, space) -> arms.add(arm(depth, space, run.base, most, spaces.size(), seed)));
            List<Trial> done = new Search(run.laboratory, run.workers, efforts, tuning.halving(), this::ended)
                    .run("coarse", arms, most, () -> tuning.trials() == 0 && run.isAfter(COARSE_UNTIL));
            Trial best = best(done);
            findings.addAll(CoarseReading.of(done, best, spaces, run.bench));
            return best;
        });
    }

    private Search.Arm arm(String depth, SearchSpace space, TrainingSettings base, int most, int arms, Seed seed) {
        boolean ofBase = depth.equals(base.train());
        if (tuning.search() == TuningSettings.Search.GRID) {
            List<Map<String, Object>> grid = space.grid(Math.max(1, most / arms), seed);
            int[] next = {0};
            return new Search.Arm(
                    () -> next[0] < grid.size()
                            ? Optional.of(deep(grid.get(next[0]++), depth, base))
                            : Optional.empty(),
                    ofBase);
        }
        int[] next = {0};
        return new Search.Arm(
                () -> Optional.of(deep(space.draw(seed, "coarse " + depth, next[0]++), depth, base)), ofBase);
    }

    private static Map<String, Object> deep(Map<String, Object> point, String depth, TrainingSettings base) {
        Map<String, Object> all = new LinkedHashMap<>(point);
        if (!depth.equals(base.train())) {
            all.put("train", depth);
        }
        return all;
    }

    /** Each a share of the epochs: a ninth, a third, all. */
    private List<Double> efforts() {
        int eta = tuning.halving();
        return eta == 1 ? List.of(1.0) : List.of(1.0 / (eta * eta), 1.0 / eta, 1.0);
    }

    /** The best of those that came furthest. */
    static Trial best(List<Trial> trials) {
        double furthest = trials.stream()
                .filter(trial -> !trial.diverged())
                .mapToDouble(Trial::effort)
                .max()
                .orElse(1);
        return trials.stream()
                .filter(trial -> trial.effort() == furthest)
                .min(Comparator.comparingDouble(Trial::loss))
                .orElseThrow(
                        () -> new FieldfareException("there was no time for a single trial; give more with --minutes"));
    }

    /**
     * @param chosen the settings to train with, as measured on all folds
     * @param before the settings that were there before, likewise
     * @param back the seventh step
     */
    private record Refined(Trial chosen, Trial before, Step back) {}

    private Refined refine(Run run, Map<String, SearchSpace> spaces, Trial coarse, Seed seed) {
        int last = trials.stream().mapToInt(Trial::candidate).max().orElse(0);
        Refinement refinement = new Refinement(
                run.laboratory, run.workers, last, this::ended, seconds -> run.hasTime(REFINE_UNTIL, seconds));
        List<Finding> findings = new ArrayList<>();
        List<Finding> back = new ArrayList<>();
        Instant begin = clock.instant();
        List<Trial> pair = new ArrayList<>();
        Trial chosen = step(5, "refining around the best", findings, () -> {
            pair.addAll(
                    coarse.values().isEmpty()
                            ? refinement.measure("refine", List.of(Map.of()), List.of(0))
                            : refinement.measure(
                                    "refine", List.of(Map.of(), coarse.values()), List.of(0, coarse.candidate())));
            Trial best = best(pair);
            for (int round = 1; round <= tuning.rounds(); round++) {
                String depth = String.valueOf(best.values().getOrDefault("train", run.base.train()));
                SearchSpace space = spaces.getOrDefault(depth, new SearchSpace(Map.of()));
                List<Trial> tried = space.ranges().isEmpty()
                        ? List.of()
                        : refinement.round(best, space, values(run.base, space), round, seed);
                if (tried.isEmpty()) {
                    back.add(Finding.note(
                            round == 1
                                    ? "there was no time to refine"
                                    : "ended after " + (round - 1)
                                            + " rounds: the time for more is needed to train with the result"));
                    break;
                }
                Trial better = best(tried);
                Difference gain = best.minus(better, run.laboratory.foldsOfOneRound());
                boolean pays = gain.isWorse();
                back.add((pays ? Finding.good("") : Finding.note(""))
                        .with(String.format(
                                java.util.Locale.ROOT,
                                "round %d: the loss fell from %.4f to %.4f (standard error of the difference %.4f); %s",
                                round,
                                best.loss(),
                                Math.min(best.loss(), better.loss()),
                                gain.standardError(),
                                pays ? "that pays" : "that is within noise, so it ends here")));
                if (better.loss() < best.loss()) {
                    best = better;
                }
                if (!pays) {
                    break;
                }
            }
            Trial before = pair.getFirst();
            Difference gain = before.minus(best, run.laboratory.foldsOfOneRound());
            if (!gain.isWorse()) {
                findings.add(Finding.good(String.format(
                        java.util.Locale.ROOT,
                        "the settings that were there before are as good, within noise: loss %.4f, best %.4f (standard"
                                + " error of the difference %.4f); they are kept",
                        before.loss(),
                        best.loss(),
                        gain.standardError())));
                return before;
            }
            findings.add(Finding.good(String.format(
                    java.util.Locale.ROOT,
                    "better than the settings that were there before: loss %.4f instead of %.4f (standard error of the"
                            + " difference %.4f), accuracy %.1f %% instead of %.1f %%",
                    best.loss(),
                    before.loss(),
                    gain.standardError(),
                    100 * best.accuracy(),
                    100 * before.accuracy())));
            return refinement.simplify(best, findings);
        });
        Step seventh = new Step(
                7,
                "back to refining while it pays",
                back.isEmpty() ? List.of(Finding.note("rounds is 0: nothing was refined")) : back,
                Duration.between(begin, clock.instant()).toNanos() / 1e9);
        return new Refined(chosen, pair.getFirst(), seventh);
    }

    private static Map<String, Object> values(TrainingSettings base, SearchSpace space) {
        Map<String, Object> values = new LinkedHashMap<>();
        space.ranges().keySet().forEach(key -> values.put(key, SearchSpace.valueIn(base, key)));
        return values;
    }

    private List<Suspect> suspects(Run run, List<Fold> folds) {
        TrainingSettings last = SearchSpace.apply(run.base, Map.of("train", "last"));
        List<java.util.concurrent.Callable<Attempt>> jobs = new ArrayList<>();
        folds.forEach(fold -> jobs.add(() -> run.bench.attempt(last, fold)));
        List<Attempt> attempts = run.workers.all(jobs);
        return attempts.stream().anyMatch(Attempt::diverged)
                ? List.of()
                : run.bench.suspects(folds, attempts).stream()
                        .limit(MOST_SUSPECTS)
                        .toList();
    }

    private TuningReport finish(
            Run run,
            Trial chosen,
            Trial before,
            RangeTest rates,
            Map<String, SearchSpace> spaces,
            List<Suspect> suspects,
            Instant start) {
        progress.note("training with the settings that were there before, and with the best, to compare them on "
                + run.bench.heldBack() + " pictures that no trial saw");
        TrainingSettings old = SearchSpace.apply(asked, Map.of("train", run.bench.deepest(), "minutes", 0));
        Map<String, Object> fragment = new LinkedHashMap<>(chosen.values());
        if (!fragment.isEmpty()) {
            // Trials were trained to their end: so is what was found by them.
            fragment.putIfAbsent("train", run.base.train());
            fragment.put("earlyStopping.patience", 0);
            fragment.put("earlyStopping.weights", "LAST");
        }
        TrainingSettings best = fragment.isEmpty() ? old : SearchSpace.apply(old, fragment);
        Rehearsal oldRehearsal = run.bench.rehearse(old, Optional.empty());
        Rehearsal newRehearsal = fragment.isEmpty() ? oldRehearsal : run.bench.rehearse(best, Optional.empty());
        TrainingReport report =
                new Retraining(parent, dataFolder, store, best, program, clock, progress).run(run.bench, newRehearsal);
        TuningReport found = new TuningReport(
                steps,
                trials,
                TuningReport.Best.of(fragment, chosen, before, oldRehearsal.heldBack(), newRehearsal.heldBack()),
                rates,
                spaces,
                suspects,
                report,
                Duration.between(start, clock.instant()).toNanos() / 1e9);
        TuningFiles.write(store.folder(), found);
        return found;
    }
}
