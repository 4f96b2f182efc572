/** The graph as immutable records; reading, editing and writing ONNX files. The only importer of protobuf. */
@NullMarked
package dev.fieldfare.onnx;

import org.jspecify.annotations.NullMarked;
