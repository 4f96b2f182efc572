package dev.fieldfare.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.tune.Halving.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** {@link Halving} against algorithm 2 of the paper, worked by hand. */
class HalvingTest {
    private static final double NONE = Double.POSITIVE_INFINITY;

    private static Supplier<Optional<Integer>> candidates(int count) {
        int[] next = {0};
        return () -> next[0] < count ? Optional.of(next[0]++) : Optional.empty();
    }

    /** By one worker: each job is reported before the next is asked for. Written as candidate/rung. */
    private static List<String> oneAfterTheOther(Halving halving, BiFunction<Integer, Integer, Double> loss) {
        List<String> jobs = new ArrayList<>();
        for (Optional<Job> job = halving.next(); job.isPresent(); job = halving.next()) {
            int candidate = job.get().candidate();
            int rung = job.get().rung();
            jobs.add(candidate + "/" + rung);
            halving.report(job.get(), loss.apply(candidate, rung));
        }
        return jobs;
    }

    /**
     * Nine settings, reduction 3, three rungs. A third of what is on a rung goes on, as soon as it is a third: 1 after
     * three results, 4 after six, 3 after nine. Of these three, the best of the second rung is the only one to go on.
     */
    @Test
    void nineThreeOne() {
        double[] first = {5, 1, 7, 3, 2, 8, 9, 4, 6};
        double[] second = {0, 0.9, 0, 0.5, 0.7, 0, 0, 0, 0};
        Halving halving = new Halving(3, 3, candidates(9), Set.of());
        List<String> jobs =
                oneAfterTheOther(halving, (candidate, rung) -> rung == 0 ? first[candidate] : second[candidate]);
        assertEquals(
                List.of("0/0", "1/0", "2/0", "1/1", "3/0", "4/0", "5/0", "4/1", "6/0", "7/0", "8/0", "3/1", "3/2"),
                jobs);
    }

    /**
     * What was in the best third when it went on need not be in the end: that is the price of not waiting. Where each is
     * better than all before it, each goes on as soon as there is a third at all.
     */
    @Test
    void risingSettingsPromoteMoreThanAThird() {
        Halving halving = new Halving(3, 2, candidates(6), Set.of());
        List<String> jobs = oneAfterTheOther(halving, (candidate, rung) -> 10.0 - candidate);
        assertEquals(List.of("0/0", "1/0", "2/0", "2/1", "3/0", "3/1", "4/0", "4/1", "5/0", "5/1"), jobs);
    }

    /** Four jobs may be under way: what is not reported counts for nothing, and new settings are begun meanwhile. */
    @Test
    void nobodyWaitsForResults() {
        Halving halving = new Halving(3, 2, candidates(5), Set.of());
        List<Job> under = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            under.add(halving.next().orElseThrow());
        }
        assertEquals(new Job(3, 0), under.getLast());
        halving.report(under.get(2), 0.2);
        halving.report(under.get(0), 0.4);
        assertEquals(Optional.of(new Job(4, 0)), halving.next(), "two results have no best third");
        assertEquals(Optional.empty(), halving.next(), "all settings are begun");
        halving.report(under.get(3), 0.1);
        assertEquals(Optional.of(new Job(3, 1)), halving.next());
        assertEquals(Optional.empty(), halving.next(), "nothing goes on twice");
        halving.report(under.get(1), 0.05);
        assertEquals(Optional.of(new Job(1, 1)), halving.next(), "the best of four now, whoever went on before");
        halving.report(new Job(4, 0), 0.3);
        assertEquals(Optional.empty(), halving.next(), "the best of five has gone on");
    }

    @Test
    void equalLossesGoByNumber() {
        Halving halving = new Halving(2, 2, candidates(4), Set.of());
        assertEquals(
                List.of("0/0", "1/0", "0/1", "2/0", "3/0", "1/1"), oneAfterTheOther(halving, (candidate, rung) -> 1.0));
    }

    @Test
    void whatIsSparedGoesToTheEnd() {
        Halving worst = new Halving(3, 3, candidates(9), Set.of(0));
        List<String> jobs = oneAfterTheOther(worst, (candidate, rung) -> 100.0 - candidate * rung - candidate);
        assertEquals(List.of("0/0", "0/1", "0/2", "1/0"), jobs.subList(0, 4), "at once, alone and the worst of all");
        Halving failing = new Halving(3, 3, candidates(3), Set.of(0));
        assertEquals(List.of("0/0", "0/1", "0/2", "1/0", "2/0"), oneAfterTheOther(failing, (candidate, rung) -> NONE));
    }

    @Test
    void whatDivergedNeverGoesOn() {
        Halving halving = new Halving(2, 2, candidates(6), Set.of());
        List<String> jobs = oneAfterTheOther(halving, (candidate, rung) -> candidate == 5 ? 0.5 : NONE);
        assertEquals(List.of("0/0", "1/0", "2/0", "3/0", "4/0", "5/0", "5/1"), jobs);
    }

    /** A reduction of 1 with one rung stops none early. */
    @Test
    void withOneRungThereIsNothingToGoOnTo() {
        Halving halving = new Halving(1, 1, candidates(3), Set.of(0));
        assertEquals(List.of("0/0", "1/0", "2/0"), oneAfterTheOther(halving, (candidate, rung) -> 1.0));
    }

    @Test
    void theSameResultsGiveTheSameJobs() {
        BiFunction<Integer, Integer, Double> loss = (candidate, rung) -> (candidate * 7919 % 31) / (rung + 1.0);
        List<String> once = oneAfterTheOther(new Halving(3, 3, candidates(30), Set.of(0)), loss);
        assertEquals(once, oneAfterTheOther(new Halving(3, 3, candidates(30), Set.of(0)), loss));
        assertTrue(once.stream().anyMatch(job -> job.endsWith("/2")), once.toString());
    }
}
