package dev.fieldfare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fieldfare.FieldfareException;
import dev.fieldfare.train.Progress;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Where a command speaks. Results go to standard output, all else to standard error; with {@code --json} the JSON is the
 * result, and lines for people are all else.
 */
final class Console implements Progress {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean bars;

    /** @param bars whether to draw progress bars: only where a person watches a terminal */
    Console(PrintWriter out, PrintWriter err, boolean json, boolean bars) {
        this.out = out;
        this.err = err;
        this.json = json;
        this.bars = bars;
    }

    /** A line of the result for people. Labels and file names in it are whatever someone called them. */
    void print(String line) {
        (json ? err : out).println(FieldfareException.printable(line));
    }

    /** A JSON document on one line of the result. */
    void json(Object document) {
        try {
            out.println(JSON.writeValueAsString(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result is always writable as JSON", e);
        }
    }

    /** JSON that is text already. */
    void jsonText(String document) {
        out.println(document);
    }

    @Override
    public void note(String sentence) {
        err.println(FieldfareException.printable(sentence));
    }

    @Override
    public Task start(String name, long total) {
        if (!bars) {
            return (done, detail) -> {};
        }
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(FieldfareException.printable(name))
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(200)
                .build();
        return new Task() {
            @Override
            public void at(long done, String detail) {
                bar.stepTo(done);
                bar.setExtraMessage(detail.isEmpty() ? "" : " " + FieldfareException.printable(detail));
            }

            @Override
            public void close() {
                bar.close();
            }
        };
    }
}
