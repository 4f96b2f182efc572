/**
 * A graph becomes the same graph with backward and update nodes, in standard operators only. {@code GradientRules} is
 * the table; {@link dev.fieldfare.autodiff.Differentiation} applies it;
 * {@link dev.fieldfare.autodiff.TrainingGraph} puts the parts together. Pure: nothing here runs a graph.
 */
@NullMarked
package dev.fieldfare.autodiff;

import org.jspecify.annotations.NullMarked;
