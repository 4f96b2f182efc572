/** What machine this is, and how the process stands on it. */
@NullMarked
package dev.fieldfare.board;

import org.jspecify.annotations.NullMarked;
