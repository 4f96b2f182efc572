package dev.fieldfare.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What all pages begin with: they need nothing beside them, no network, no script, no other file. */
public final class Page {
    private Page() {}

    /** Opens {@code html} and writes the whole head, with the style sheet in it. */
    public static Markup begin(Markup page, String title) {
        page.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").open("head");
        page.empty("meta", "charset", "utf-8");
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.empty("meta", "name", "color-scheme", "content", "light dark");
        // Whatever a label or a file name might smuggle in, nothing is fetched and nothing is run.
        page.empty(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
        page.leaf("title", title);
        return page.open("style").raw(styleSheet()).close().close();
    }

    private static String styleSheet() {
        try (InputStream stream = Page.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(stream, "report.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("report.css cannot be read from the program itself", e);
        }
    }
}
