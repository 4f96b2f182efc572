/** Running graphs: sessions, tensors, shapes and memory. The only importer of ONNX Runtime. */
@NullMarked
package dev.fieldfare.runtime;

import org.jspecify.annotations.NullMarked;
