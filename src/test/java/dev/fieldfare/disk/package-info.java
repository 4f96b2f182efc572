/** A disk whose power can be cut at any instant, for tests. */
@NullMarked
package dev.fieldfare.disk;

import org.jspecify.annotations.NullMarked;
