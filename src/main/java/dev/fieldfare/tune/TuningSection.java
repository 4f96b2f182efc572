package dev.fieldfare.tune;

import dev.fieldfare.report.Gallery;
import dev.fieldfare.report.Markup;
import dev.fieldfare.report.Words;
import dev.fieldfare.train.Suspect;
import dev.fieldfare.train.Thumbnail;
import dev.fieldfare.train.TrainingSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What a search adds to the report of the training that follows it: what was seen, tried and chosen, with pictures. */
final class TuningSection {
    private final List<Step> steps;
    private final List<Trial> trials;
    private final TuningReport.Best best;
    private final Trial chosen;
    private final TrainingSettings base;
    private final RangeTest rates;
    private final Map<String, SearchSpace> spaces;
    private final List<Suspect> suspects;
    private final Markup page = new Markup();

    /**
     * @param chosen the trial whose settings were taken
     * @param base the settings that were there before, with every value said
     * @param spaces what was searched, by depth, the shallowest first
     */
    TuningSection(
            List<Step> steps,
            List<Trial> trials,
            TuningReport.Best best,
            Trial chosen,
            TrainingSettings base,
            RangeTest rates,
            Map<String, SearchSpace> spaces,
            List<Suspect> suspects) {
        this.steps = steps;
        this.trials = trials;
        this.best = best;
        this.chosen = chosen;
        this.base = base;
        this.rates = rates;
        this.spaces = spaces;
        this.suspects = suspects;
    }

    String markup() {
        page.open("section").leaf("h2", "How the settings were chosen");
        page.leaf("p", gain());
        settings();
        steps();
        page.open("div", "class", "pair");
        figure(
                TuningCharts.rates(rates),
                "Step 3: where the loss goes down, the search looks. Each point is a short training"
                        + " from the start.");
        if (!chosen.diverged()) {
            figure(TuningCharts.curves(chosen), "Step 6: the curves of the chosen settings.");
        }
        page.close();
        spaces.keySet().stream()
                .max(Comparator.comparingLong(depth -> lowest(depth).size()))
                .filter(depth ->
                        lowest(depth).size() > 8 && space(depth).ranges().size() > 1)
                .ifPresent(this::importance);
        suspects();
        everyTrial();
        return page.close().toString();
    }

    private String gain() {
        if (best.settings().isEmpty()) {
            TuningReport.RunnerUp other = best.runnerUp();
            return "Nothing that was tried is better than the settings that were there before by more than noise, so"
                    + " they were kept: right on " + best.right() + " of " + best.images()
                    + " pictures that no trial saw"
                    + (other == null
                            ? "."
                            : String.format(
                                    Locale.ROOT,
                                    "; the best of the others on %d, a difference of %+.1f points, which lies between"
                                            + " %+.1f and %+.1f with 95 %% confidence.",
                                    other.right(),
                                    100 * other.difference(),
                                    100 * other.interval().low(),
                                    100 * other.interval().high()));
        }
        return String.format(
                Locale.ROOT,
                "On %d pictures that no trial saw, the chosen settings are right on %d and those that were there"
                        + " before on %d: a difference of %+.1f points, which lies between %+.1f and %+.1f with 95 %%"
                        + " confidence.",
                best.images(),
                best.right(),
                best.rightBefore(),
                100 * best.difference(),
                100 * best.interval().low(),
                100 * best.interval().high());
    }

    private void settings() {
        if (best.settings().isEmpty()) {
            return;
        }
        page.open("div", "class", "scroll").open("table").open("thead").open("tr");
        List.of("setting", "before", "chosen").forEach(name -> page.leaf("th", name, "scope", "col"));
        page.close().close().open("tbody");
        best.settings().forEach((key, value) -> {
            String old = Words.setting(SearchSpace.valueIn(base, key));
            String now = Words.setting(value);
            if (!old.equals(now)) {
                page.open("tr")
                        .leaf("th", key, "scope", "row")
                        .leaf("td", old)
                        .leaf("td", now)
                        .close();
            }
        });
        page.close().close().close();
    }

    private void steps() {
        page.open("table", "class", "list").open("tbody");
        for (Step step : steps) {
            boolean first = true;
            for (Finding finding : step.findings()) {
                page.open("tr");
                page.leaf("th", first ? step.number() + ". " + step.name() : "", "scope", "row");
                page.leaf(
                        "td",
                        finding.kind() == Finding.Kind.GOOD
                                ? "✓"
                                : finding.kind().name().toLowerCase(Locale.ROOT),
                        "class",
                        "mark");
                page.leaf("td", Words.sentence(finding.text()));
                page.leaf("td", first ? Words.duration(step.seconds()) : "", "class", "number");
                page.close();
                first = false;
            }
        }
        page.close().close();
    }

    private SearchSpace space(String depth) {
        return Objects.requireNonNull(spaces.get(depth));
    }

    /** The trials of a depth with the least effort: the most, and all alike. */
    private List<Trial> lowest(String depth) {
        List<Trial> ofSpace = trials.stream()
                .filter(trial -> trial.phase().equals(CoarseSearch.PHASE)
                        && String.valueOf(trial.values().getOrDefault("train", base.train()))
                                .equals(depth)
                        && trial.values()
                                .keySet()
                                .containsAll(space(depth).ranges().keySet()))
                .toList();
        double least = ofSpace.stream().mapToDouble(Trial::effort).min().orElse(1);
        return ofSpace.stream().filter(trial -> trial.effort() == least).toList();
    }

    private void importance(String depth) {
        SearchSpace space = space(depth);
        List<Trial> shown = lowest(depth);
        Map<String, Double> importance = Importance.of(shown, space);
        List<String> keys = new ArrayList<>(importance.keySet());
        String most = keys.getFirst();
        String least = keys.getLast();
        Range mostRange = Objects.requireNonNull(space.ranges().get(most));
        Range leastRange = Objects.requireNonNull(space.ranges().get(least));
        page.leaf("h3", spaces.size() == 1 ? "Which setting decides" : "Which setting decides, for " + depth);
        page.open("div", "class", "pair");
        figure(
                TuningCharts.lossBy("most", most, mostRange, shown),
                most + " decides most: it explains " + Words.percent(importance.getOrDefault(most, 0.0))
                        + " of how the trials rank.");
        figure(
                TuningCharts.lossBy("least", least, leastRange, shown),
                least + " decides least: " + Words.percent(importance.getOrDefault(least, 0.0)) + ".");
        page.close();
        page.leaf("h3", "Why at random");
        page.open("div", "class", "pair");
        List<double[]> tried = shown.stream()
                .map(trial -> new double[] {
                    TuningCharts.along(
                            mostRange, Objects.requireNonNull(trial.values().get(most))),
                    TuningCharts.along(
                            leastRange, Objects.requireNonNull(trial.values().get(least)))
                })
                .toList();
        long values = tried.stream().mapToDouble(point -> point[0]).distinct().count();
        figure(
                TuningCharts.spread("tried", "Settings as they were tried", most, mostRange, least, leastRange, tried),
                shown.size() + " trials as they were made: " + values
                        + " different values of what decides most (below).");
        int side = Math.max(2, (int) Math.floor(Math.sqrt(shown.size())));
        List<double[]> grid = new ArrayList<>();
        for (Object x : mostRange.grid(side)) {
            for (Object y : leastRange.grid(side)) {
                grid.add(new double[] {TuningCharts.along(mostRange, x), TuningCharts.along(leastRange, y)});
            }
        }
        figure(
                TuningCharts.spread("grid", "Settings of a grid", most, mostRange, least, leastRange, grid),
                "A grid of as many trials tries " + mostRange.grid(side).size() + " values of it, each "
                        + leastRange.grid(side).size()
                        + " times over (Bergstra and Bengio, “Random search for hyper-parameter optimization”, 2012).");
        page.close();
    }

    private void suspects() {
        if (suspects.isEmpty()) {
            return;
        }
        page.leaf("h3", "Labels to look at");
        page.leaf(
                "p",
                "Trainings of the last layer without these pictures take them for another label, as surely as pictures"
                        + " of that label. If the folder is wrong, move them; if not, they are hard ones, and more like"
                        + " them would help.");
        Gallery gallery = Gallery.open(page);
        suspects.forEach(suspect -> gallery.picture(
                Thumbnail.of(suspect.file()),
                suspect.label(),
                "looks like",
                suspect.looksLike(),
                suspect.probability(),
                String.valueOf(suspect.file())));
        gallery.close();
    }

    private void everyTrial() {
        page.open("details")
                .leaf("summary", "Every trial")
                .open("div", "class", "scroll")
                .open("table");
        page.open("thead").open("tr");
        List.of("settings", "phase", "epochs", "loss", "accuracy", "time", "values")
                .forEach(name -> page.leaf("th", name, "scope", "col"));
        page.close().close().open("tbody");
        for (Trial trial : trials) {
            page.open("tr", "class", trial.candidate() == best.candidate() ? "best" : "plain");
            page.leaf("td", Integer.toString(trial.candidate()))
                    .leaf("td", trial.phase())
                    .leaf("td", Words.percent(trial.effort()))
                    .leaf("td", trial.diverged() ? "diverged" : Words.decimal(trial.loss(), 4))
                    .leaf("td", trial.diverged() ? "" : Words.percent(trial.accuracy()))
                    .leaf("td", Words.duration(trial.seconds()))
                    .leaf("td", TrialTable.words(trial.values()))
                    .close();
        }
        page.close().close().close().close();
    }

    private void figure(String svg, String caption) {
        page.open("figure").raw(svg).leaf("figcaption", caption).close();
    }
}
