/** Files that survive a power cut: written whole or not at all. */
@NullMarked
package dev.fieldfare.files;

import org.jspecify.annotations.NullMarked;
