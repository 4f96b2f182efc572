package dev.fieldfare.onnx;

import java.util.Arrays;
import java.util.List;

/** An attribute of a node: a constant that is part of what the operator does. */
public sealed interface Attribute {

    record Int(long value) implements Attribute {}

    record Real(float value) implements Attribute {}

    record Text(String value) implements Attribute {}

    record Ints(List<Long> values) implements Attribute {
        public Ints {
            values = List.copyOf(values);
        }

        public long[] toArray() {
            return values.stream().mapToLong(Long::longValue).toArray();
        }
    }

    record Reals(List<Float> values) implements Attribute {
        public Reals {
            values = List.copyOf(values);
        }
    }

    record Texts(List<String> values) implements Attribute {
        public Texts {
            values = List.copyOf(values);
        }
    }

    record Tensor(TensorData value) implements Attribute {}

    /** The body of a control-flow operator ({@code If}, {@code Loop}). */
    record Subgraph(Graph value) implements Attribute {}

    /** A kind that Fieldfare only carries from file to file: the encoded {@code AttributeProto}. */
    record Opaque(Encoded value) implements Attribute {}

    static Attribute of(long value) {
        return new Int(value);
    }

    static Attribute of(float value) {
        return new Real(value);
    }

    static Attribute of(String value) {
        return new Text(value);
    }

    static Attribute of(long[] values) {
        return new Ints(Arrays.stream(values).boxed().toList());
    }
}
