/** Pictures: decode, turn by EXIF, resize, to tensor. One preprocessing for training and for use. */
@NullMarked
package dev.fieldfare.image;

import org.jspecify.annotations.NullMarked;
