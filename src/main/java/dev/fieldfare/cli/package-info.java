/** Commands, configuration and wiring; the only room that prints. */
@NullMarked
package dev.fieldfare.cli;

import org.jspecify.annotations.NullMarked;
