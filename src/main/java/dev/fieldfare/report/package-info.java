/** Pages for people: well-formed markup, drawings without scripts, and figures in words. */
@NullMarked
package dev.fieldfare.report;

import org.jspecify.annotations.NullMarked;
