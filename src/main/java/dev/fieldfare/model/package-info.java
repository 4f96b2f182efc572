/** A model and its card: labels, preprocessing, where its classifier lies; versions on disk. */
@NullMarked
package dev.fieldfare.model;

import org.jspecify.annotations.NullMarked;
