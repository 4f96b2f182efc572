package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Sha256;
import dev.fieldfare.image.CaptureTime;
import dev.fieldfare.image.DifferenceHash;
import dev.fieldfare.image.Picture;
import dev.fieldfare.image.Preprocessing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The first pass over labelled pictures: each is decoded once, its plain view goes through the frozen network, and what
 * tells which pictures belong together is kept. Pictures that cannot be read are left out by name.
 */
final class FirstPass {
    private final LabelledPictures found;
    private final Preprocessing preprocessing;
    private final Looks looks;
    private final KeptLooks kept;
    private final Workers workers;
    private final Checkpoints checkpoints;
    private final TimeLimit time;
    private final Progress progress;
    private final List<LabelledPicture> usable = new ArrayList<>();
    private final List<Groups.Trace> traces = new ArrayList<>();
    private final List<TrainingReport.Skipped> skipped = new ArrayList<>();

    /**
     * What came of it.
     *
     * @param usable the pictures that could be read, and their labels
     * @param traces of each of them
     * @param skipped the others
     * @param sha256 of all labels, file names and files
     */
    record Seen(
            LabelledPictures usable, List<Groups.Trace> traces, List<TrainingReport.Skipped> skipped, String sha256) {}

    /**
     * @param looks takes the plain views
     * @param kept what an interrupted training has looked at, and where these looks are noted
     * @param time is told how long a look takes
     */
    FirstPass(
            LabelledPictures found,
            Preprocessing preprocessing,
            Looks looks,
            KeptLooks kept,
            Workers workers,
            Checkpoints checkpoints,
            TimeLimit time,
            Progress progress) {
        this.found = found;
        this.preprocessing = preprocessing;
        this.looks = looks;
        this.kept = kept;
        this.workers = workers;
        this.checkpoints = checkpoints;
        this.time = time;
        this.progress = progress;
    }

    /**
     * What one picture is found to be, or why it cannot be used.
     *
     * @param sha256 of the file; empty where that cannot be read
     * @param broken why it cannot be used; empty where it can
     */
    private record Sight(Looks.@Nullable Look look, Groups.@Nullable Trace trace, String sha256, String broken) {}

    /** Decodes every picture once: its plain features, and what tells which pictures belong together. */
    Seen run() {
        Sha256 hash = new Sha256();
        List<LabelledPicture> all = found.pictures();
        try (Progress.Task task = progress.start("looking at pictures", all.size())) {
            int recalled = recall(all, hash);
            time.begin();
            for (int start = recalled; start < all.size(); start += workers.count()) {
                List<LabelledPicture> some = all.subList(start, Math.min(all.size(), start + workers.count()));
                List<Sight> sights = workers.all(some.stream()
                        .<Callable<Sight>>map(picture -> () -> see(picture))
                        .toList());
                for (int i = 0; i < some.size(); i++) {
                    task.at(start + i + 1L, "");
                    Sight sight = sights.get(i);
                    note(some.get(i), sight.trace(), sight, hash);
                    kept.keep(
                            of(some.get(i), sight.sha256()),
                            facts(sight),
                            sight.look() == null ? List.of() : List.of(sight.look()));
                }
                checkpoints.looking();
            }
            time.looked(all.size() - recalled);
        }
        return new Seen(new LabelledPictures(found.folder(), found.labels(), usable), traces, skipped, hash.finish());
    }

    /** Takes what an interrupted training found out about the first pictures; returns how many these are. */
    private int recall(List<LabelledPicture> all, Sha256 hash) {
        for (int i = 0; i < all.size(); i++) {
            LabelledPicture picture = all.get(i);
            String sha256 = sha256(picture);
            Optional<KeptLooks.Kept> known = kept.recall(of(picture, sha256));
            if (known.isEmpty()) {
                return i;
            }
            Groups.Trace trace = known.get().rows().length == 0
                    ? null
                    : Groups.Trace.parse(nameOf(picture), known.get().facts());
            note(
                    picture,
                    trace,
                    new Sight(null, trace, sha256, known.get().facts().getFirst()),
                    hash);
        }
        return all.size();
    }

    /** Row and picture have one number, as only pictures that can be used have rows. */
    private void note(LabelledPicture picture, Groups.@Nullable Trace trace, Sight sight, Sha256 hash) {
        if (trace == null) {
            // One bad picture among thousands must not end the work; it is named in the report.
            skipped.add(new TrainingReport.Skipped(picture.file().toString(), sight.broken()));
            progress.note("skipped: " + sight.broken());
            return;
        }
        usable.add(picture);
        traces.add(trace);
        // Names count: the split follows them.
        hash.add(found.labels().get(picture.label()) + "/" + nameOf(picture) + "\n" + sight.sha256() + "\n");
    }

    private List<String> of(LabelledPicture picture, String sha256) {
        return List.of("look", found.labels().get(picture.label()) + "/" + nameOf(picture), sha256);
    }

    private static List<String> facts(Sight sight) {
        return sight.trace() == null ? List.of(sight.broken()) : sight.trace().facts();
    }

    private static String sha256(LabelledPicture picture) {
        try {
            return Sha256.of(picture.file());
        } catch (FieldfareException unreadable) {
            return "";
        }
    }

    private Sight see(LabelledPicture picture) {
        Picture decoded;
        Groups.Trace trace;
        String sha256 = sha256(picture);
        try {
            decoded = OneAtATime.read(picture.file(), preprocessing.wantedShortSide());
            trace = new Groups.Trace(nameOf(picture), CaptureTime.of(picture.file()), DifferenceHash.of(decoded));
        } catch (FieldfareException broken) {
            return new Sight(null, null, sha256, String.valueOf(broken.getMessage()));
        }
        // Outside of the try: a network that fails is not the picture's fault.
        return new Sight(looks.look(decoded, Glance.PLAIN), trace, sha256, "");
    }

    static String nameOf(LabelledPicture picture) {
        return String.valueOf(picture.file().getFileName());
    }
}
