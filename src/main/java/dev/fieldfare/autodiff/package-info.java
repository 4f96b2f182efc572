/** From a graph to the same graph with its backward pass and its updates. Pure: no runtime. */
@NullMarked
package dev.fieldfare.autodiff;

import org.jspecify.annotations.NullMarked;
