/** Fieldfare: lets small devices see, and lets them learn where they stand. */
@NullMarked
package dev.fieldfare;

import org.jspecify.annotations.NullMarked;
