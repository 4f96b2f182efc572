package dev.fieldfare.train;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A picture of which somebody said what it shows.
 *
 * @param label index into the labels of its folder
 * @param given the side on which its folder puts it; null where the folder leaves that open
 */
public record LabelledPicture(
        Path file, int label, @Nullable Side given) {}
