package dev.fieldfare.autodiff;

import dev.fieldfare.onnx.GraphBuilder;
import java.util.List;
import java.util.Map;

/**
 * How a step changes a parameter, as nodes. Whatever changes from step to step (learning rate, bias correction) comes
 * in as scalar inputs, so that the graph keeps no counter; whatever a parameter remembers is a state tensor of its
 * shape, zero at first. The graph computes {@code updated(tensor)} for the parameter and each of its states; the trainer pins
 * each to the buffer of the tensor itself, so that it is overwritten where it lies.
 */
public interface UpdateRule {
    /** The kinds of state tensor that every parameter has, for example {@code momentum}; see {@link #state}. */
    List<String> states();

    /**
     * The scalar inputs of a step. The names are the same for all steps.
     *
     * @param step counted from 1
     * @param learningRate not negative
     */
    Map<String, Float> scalars(long step, float learningRate);

    /**
     * Emits the update of one parameter: nodes that compute its new value and, for each kind of state,
     * {@code updated(state(parameter, kind))}. The node that computes an updated tensor must be one of {@code Add},
     * {@code Sub}, {@code Mul} and {@code Div}, which work element by element, since it writes into the buffer that it
     * reads; and whatever else reads a tensor must come before the node that overwrites it.
     *
     * @param gradient the name of the gradient by the parameter
     * @param scalars the value to read for each name in {@link #scalars}
     * @param into the name of the new value: {@code updated(parameter)}, or one that another rule goes on with
     */
    void emit(GraphBuilder builder, String parameter, String gradient, Map<String, String> scalars, String into);

    /** The name of a parameter's state tensor, say {@code weight.momentum}. */
    static String state(String parameter, String kind) {
        return parameter + "." + kind;
    }

    /** The name of the tensor that holds the gradient by a parameter, say {@code weight.gradient}. */
    static String gradient(String parameter) {
        return gradient(parameter, 0);
    }

    /** The same for one of several workers, counted from 0: {@code weight.gradient}, {@code weight.gradient.1}. */
    static String gradient(String parameter, int worker) {
        return parameter + (worker == 0 ? ".gradient" : ".gradient." + worker);
    }

    /** The name under which the graph gives the new value of a parameter or state, say {@code weight.updated}. */
    static String updated(String tensor) {
        return tensor + ".updated";
    }
}
