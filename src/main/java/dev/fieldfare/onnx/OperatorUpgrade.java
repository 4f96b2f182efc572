package dev.fieldfare.onnx;

/** How one operator of an older operator set is written in {@link OperatorSetUpgrade#VERSION}. */
@FunctionalInterface
interface OperatorUpgrade {
    /**
     * Emits what computes the same as the node.
     *
     * @throws dev.fieldfare.FieldfareException if nothing does
     */
    void apply(Node node, UpgradeContext context);
}
