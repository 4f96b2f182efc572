/**
 * Buttons, lights and relays on the pins of the board, by Pi4J. Its provider is ours: the kernel's character device for
 * GPIO, version 2, or pins that are only simulated.
 */
@NullMarked
package dev.fieldfare.gpio;

import org.jspecify.annotations.NullMarked;
