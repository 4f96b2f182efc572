/**
 * Device files of the Linux kernel, through Java's foreign memory: opened, asked by ioctl, waited for, mapped. Knows no
 * device in particular.
 */
@NullMarked
package dev.fieldfare.kernel;

import org.jspecify.annotations.NullMarked;
