/** Choosing hyperparameters on the device: checks, searches, and words for what was seen. */
@NullMarked
package dev.fieldfare.tune;

import org.jspecify.annotations.NullMarked;
