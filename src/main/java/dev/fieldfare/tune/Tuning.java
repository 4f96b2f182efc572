package dev.fieldfare.tune;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.model.ClassifierModel;
import dev.fieldfare.model.ModelStore;
import dev.fieldfare.model.StrictYaml;
import dev.fieldfare.noise.Seed;
import dev.fieldfare.train.Attempt;
import dev.fieldfare.train.Fold;
import dev.fieldfare.train.Progress;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Chooses hyperparameters in seven steps: the initial loss, a small sample learnt by heart, a range of learning rates, a
 * coarse search, refining, the curves, and back to refining while it pays. Then trains with what it chose, and says what
 * that gains on pictures that no trial saw.
 */
public final class Tuning {
    /** Where no time is given. */
    static final double UNASKED_MINUTES = 10;

    /** Of the time, at most for looking at the pictures. */
    private static final double LOOKING_SHARE = 0.3;

    /** Of the time, at most for looking and one training as deep as it may go. There are two in the end. */
    private static final double DEPTH_SHARE = 0.5;

    /** Of the time between looking and the last training, for the coarse search. */
    private static final double COARSE_SHARE = 0.6;

    /** Of the time, for both last trainings, where nothing is known of how long they take. */
    private static final double FINISH_SHARE = 0.2;

    /** For what is under way when the search ends, and for what is looked at between it and the last trainings. */
    private static final double SLACK = 1.15;

    /** More of it, where deeper layers are trained, too. */
    private static final double DEEP_FINISH_SHARE = 0.2;

    /**
     * What is left in the heap and between sessions that were opened and closed many hundred times: measured 22 MiB above
     * the plan of a single training at most, see the benchmarks.
     */
    private static final long TRIAL_BYTES = 24 << 20;

    private static final int MOST_SUSPECTS = 12;

    private final ClassifierModel parent;
    private final Path dataFolder;
    private final ModelStore store;
    private final TrainingSettings asked;
    private final TuningSettings tuning;
    private final String program;
    private final InstantSource clock;
    private final Progress progress;
    private final double minutes;
    private final List<Step> steps = new ArrayList<>();
    private final List<Trial> trials = new ArrayList<>();

    /**
     * @param parent what the new model is made from
     * @param store where it goes, and what is written of the search
     * @param asked settings that the search begins with and is compared with; {@code minutes} is the time for everything
     * @param program name and version of this program, for the provenance
     * @param clock for time limits and durations
     * @throws FieldfareException if the settings ask for an ensemble, or a range cannot be searched
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
        this.minutes = asked.minutes() > 0 ? asked.minutes() : UNASKED_MINUTES;
        if (asked.ensemble().members() > 1) {
            throw new FieldfareException(
                    "ensemble.members: settings are searched for one network; leave it out here, and"
                            + " add it to the settings that come out");
        }
        Ranges.check(tuning, asked);
    }

    /**
     * Searches, trains, and writes {@code best.yaml}, {@code trials.csv} and {@code tuning.json} besides what a retraining
     * writes.
     *
     * @throws FieldfareException if the pictures do not suffice, the budget is too small, or a range cannot be searched
     */
    public TuningReport run() {
        TimeShare time = new TimeShare(clock, Duration.ofMillis((long) (60_000 * minutes)));
        TrainingSettings looking =
                SearchSpace.apply(asked, Map.of("minutes", DEPTH_SHARE * minutes, "earlyStopping.refit", true));
        try (Workbench bench = Workbench.open(
                        parent,
                        dataFolder,
                        store,
                        looking,
                        Optional.of(time.at(LOOKING_SHARE)),
                        TRIAL_BYTES,
                        clock,
                        progress);
                Workers workers = new Workers(Math.min(Search.AHEAD, bench.sideBySide(asked)))) {
            TrainingSettings base = SearchSpace.apply(
                    asked,
                    Map.of(
                            "train", bench.deepest(),
                            "minutes", 0,
                            "optimizer.learningRate", bench.learningRate(asked),
                            "suffix.learningRate", bench.suffixLearningRate(asked)));
            Path file = store.folder().resolve("tuning").resolve("journal.jsonl");
            try (Journal journal = Journal.open(file, identity(bench, base))) {
                if (journal.size() > 0) {
                    progress.note(journal.size() + " trials of an interrupted search of the same are taken over");
                }
                Laboratory laboratory = new Laboratory(bench, base, tuning.folds(), tuning.repeats(), journal, clock);
                return search(bench, workers, laboratory, base, time);
            }
        }
    }

    /** Whatever a trial's result depends on. */
    private String identity(Workbench bench, TrainingSettings base) {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("program", program);
        identity.put("model", Sha256.of(parent.file()));
        identity.put("data", bench.sha256());
        identity.put("views", bench.views());
        identity.put("settings", StrictYaml.toMap(base));
        identity.put("tuning", StrictYaml.toMap(tuning));
        return StrictYaml.toJson(identity);
    }

    private TuningReport search(
            Workbench bench, Workers workers, Laboratory laboratory, TrainingSettings base, TimeShare time) {
        Instant begin = time.now();
        say(1, "initial loss");
        said(1, "initial loss", InitialLoss.check(bench, base), begin, time);
        begin = time.now();
        say(2, "a small sample by heart");
        said(2, "a small sample by heart", SmallSample.check(bench, base, workers), begin, time);
        begin = time.now();
        say(3, "learning rates that make the loss go down");
        List<Fold> folds = bench.folds(tuning.folds(), new Seed(asked.seed()), 0);
        RangeTest rates = RangeTest.run(bench, base, folds.getFirst(), workers);
        said(
                3,
                "learning rates that make the loss go down",
                rates.findings(base.optimizer().learningRate()),
                begin,
                time);

        begin = time.now();
        String coarseName = "coarse search, " + tuning.search().name().toLowerCase(Locale.ROOT);
        say(4, coarseName);
        Map<String, SearchSpace> spaces = new LinkedHashMap<>();
        for (String depth : Ranges.depths(tuning, asked, bench)) {
            spaces.put(depth, Ranges.of(tuning, base, depth, rates, bench));
        }
        double whole = 60 * minutes;
        double finish = Math.max(FINISH_SHARE * whole, bench.secondsToCheck(asked));
        double deepFinish = bench.isDeeper() ? DEEP_FINISH_SHARE * whole : 0;
        double left = -time.secondsSince(time.endLess(finish + deepFinish));
        Instant coarseUntil = time.now().plusMillis((long) (1000 * COARSE_SHARE * left));
        LastTrainings last = new LastTrainings(bench, laboratory, asked, base, progress);
        // The first trials say how long the last trainings will take: without them nobody knows what the search gained.
        List<Trial> coarse = new CoarseSearch(tuning, base, spaces, laboratory)
                .run(
                        workers,
                        this::ended,
                        seconds -> time.fits(seconds, coarseUntil)
                                && time.fits(
                                        seconds,
                                        time.endLess(bench.secondsToCheck(asked) + SLACK * last.seconds(trials))));
        Trial best = CoarseSearch.best(coarse).orElse(coarse.getFirst());
        List<Finding> seen = new ArrayList<>(CoarseReading.of(coarse, best, spaces, bench));
        if (!bench.isDeeper() && asked.train().equals("auto")) {
            seen.add(Finding.note("deeper layers were not searched: there is time or memory for the last layer only."
                    + " Training deeper often gains more than any other setting: give --minutes or --budget more"));
        }
        said(4, coarseName, seen, begin, time);

        begin = time.now();
        say(5, "refining around the best");
        Instant searchUntil = time.endLess(bench.secondsToCheck(asked) + SLACK * last.seconds(coarse));
        Refinement.Result refined = best.diverged()
                ? new Refinement.Result(
                        best, best, best, List.of(Finding.note("nothing to refine")), List.of(Finding.note("-")))
                : new Refinement(
                                new FullTrials(laboratory, workers, this::ended),
                                tuning.folds(),
                                base,
                                spaces,
                                coarse.stream().mapToInt(Trial::candidate).max().orElse(0),
                                seconds -> time.fits(seconds, searchUntil))
                        .run(coarse, best, tuning.rounds());
        said(5, "refining around the best", refined.refined(), begin, time);

        begin = time.now();
        say(6, "the curves");
        List<Suspect> suspects = suspects(bench, workers, base, folds);
        List<Finding> curves =
                new ArrayList<>(CurveReading.of(refined.chosen(), bench.labels().size()));
        suspects.stream()
                .findFirst()
                .ifPresent(first -> curves.add(Finding.note(suspects.size()
                        + " pictures look like another label than they have, first " + first.file() + ", which is in "
                        + first.label() + " and looks like " + first.looksLike()
                        + "; see the report, and move those that lie wrong")));
        said(6, "the curves", curves, begin, time);
        say(7, "back to refining, while it pays");
        said(7, "back to refining, while it pays", refined.rounds(), time.now(), time);
        Optional<Trial> other =
                refined.chosen().candidate() == 0 ? last.other(refined.found(), coarse) : Optional.empty();
        LastTrainings.Measured measured = last.measure(
                refined,
                other,
                () -> time.fits(bench.secondsToCheck(asked) + last.seconds(coarse) / 2, time.endLess(0)));
        return finish(bench, base, measured, refined, rates, spaces, suspects, time);
    }

    private void ended(Trial trial) {
        trials.add(trial);
        progress.note(TrialTable.row(trial));
    }

    private void say(int number, String name) {
        progress.note(number + ". " + name);
    }

    private void said(int number, String name, List<Finding> findings, Instant begin, TimeShare time) {
        steps.add(new Step(number, name, findings, time.secondsSince(begin)));
        findings.forEach(finding -> progress.note("   " + finding.kind().mark() + finding.text()));
    }

    private List<Suspect> suspects(Workbench bench, Workers workers, TrainingSettings base, List<Fold> folds) {
        TrainingSettings last = SearchSpace.apply(base, Map.of("train", "last"));
        List<Attempt> attempts = workers.all(folds.stream()
                .<Callable<Attempt>>map(fold -> () -> bench.attempt(last, fold))
                .toList());
        return attempts.stream().anyMatch(Attempt::diverged)
                ? List.of()
                : bench.suspects(folds, attempts).stream().limit(MOST_SUSPECTS).toList();
    }

    private TuningReport finish(
            Workbench bench,
            TrainingSettings base,
            LastTrainings.Measured measured,
            Refinement.Result refined,
            RangeTest rates,
            Map<String, SearchSpace> spaces,
            List<Suspect> suspects,
            TimeShare time) {
        String section = new TuningSection(
                        steps, trials, measured.gain(), refined.chosen(), base, rates, spaces, suspects)
                .markup();
        TrainingReport training = new Retraining(
                        parent, dataFolder, store, measured.settings(), program, clock, progress)
                .run(bench, measured.rehearsal(), section);
        TuningReport report = new TuningReport(steps, trials, measured.gain(), suspects, training, time.seconds());
        TuningFiles.write(store.folder(), report);
        return report;
    }
}
