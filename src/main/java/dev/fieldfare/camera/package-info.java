/** Where frames come from. */
@NullMarked
package dev.fieldfare.camera;

import org.jspecify.annotations.NullMarked;
