/** Looking at pictures: classifier, averaging, evaluation. */
@NullMarked
package dev.fieldfare.predict;

import org.jspecify.annotations.NullMarked;
