/** Learning on the device: labelled pictures, splits, feature cache, plan, fine-tuning, report. */
@NullMarked
package dev.fieldfare.train;

import org.jspecify.annotations.NullMarked;
