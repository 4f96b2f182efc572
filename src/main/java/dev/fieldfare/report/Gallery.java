package dev.fieldfare.report;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Small pictures beside each other, each with a few words below: {@code open}, pictures, {@code close}. */
public final class Gallery {
    private final Markup page;

    private Gallery(Markup page) {
        this.page = page;
    }

    /** Begins one; the page's element is left open. */
    public static Gallery open(Markup page) {
        page.open("div", "class", "mistakes");
        return new Gallery(page);
    }

    /**
     * Adds a picture.
     *
     * @param jpeg a small JPEG file, which the page then holds; null says that there is none
     * @param truth the label that it has
     * @param verb what was made of it, as in "taken for"
     * @param other a label
     * @param rest more words, in small letters on a line of their own
     */
    public Gallery picture(byte @Nullable [] jpeg, String truth, String verb, String other, double sure, String rest) {
        page.open("figure");
        if (jpeg == null) {
            page.leaf("span", "no thumbnail", "class", "missing");
        } else {
            page.empty(
                    "img",
                    "src",
                    "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg),
                    "alt",
                    "picture of " + truth);
        }
        page.open("figcaption").leaf("b", truth).text(" " + verb + " ").leaf("b", other);
        page.text(", " + Words.percent(sure) + " sure").leaf("small", rest).close();
        page.close();
        return this;
    }

    /** Ends it. */
    public void close() {
        page.close();
    }
}
