/** Everything random, in one form, each draw repeatable from a seed. */
@NullMarked
package dev.fieldfare.noise;

import org.jspecify.annotations.NullMarked;
