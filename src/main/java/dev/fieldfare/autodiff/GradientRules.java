package dev.fieldfare.autodiff;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.onnx.Node;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The table of gradients: a line for each standard operator. */
final class GradientRules {
    /** For operators whose outputs do not change with small changes of their inputs: shapes, indices, comparisons. */
    static final GradientRule NO_GRADIENT = new GradientRule() {
        @Override
        public void apply(GradientContext context) {
            throw new IllegalStateException("the " + context.node().describe() + " has no gradient to apply");
        }

        @Override
        public boolean differentiates(Node node) {
            return false;
        }
    };

    static final Map<String, GradientRule> TABLE = Map.ofEntries(
            Map.entry("Abs", UnaryGradients::abs),
            Map.entry("Add", ArithmeticGradients::add),
            Map.entry("And", NO_GRADIENT),
            Map.entry("ArgMax", NO_GRADIENT),
            Map.entry("ArgMin", NO_GRADIENT),
            Map.entry("AveragePool", AveragePoolGradient::averagePool),
            Map.entry("BatchNormalization", new BatchNormalizationGradient()),
            Map.entry("Bernoulli", NO_GRADIENT),
            Map.entry("Cast", new CastGradient()),
            Map.entry("Ceil", NO_GRADIENT),
            Map.entry("Celu", RectifierGradients::celu),
            Map.entry("Clip", UnaryGradients::clip),
            Map.entry("Concat", JoiningGradients::concat),
            Map.entry("Constant", NO_GRADIENT),
            Map.entry("ConstantOfShape", NO_GRADIENT),
            Map.entry("Conv", ConvGradient::conv),
            Map.entry("ConvTranspose", ConvGradient::convTranspose),
            Map.entry("CumSum", IndexGradients::cumSum),
            Map.entry("DepthToSpace", LayoutGradients::depthToSpace),
            Map.entry("DequantizeLinear", QuantizationGradients::dequantize),
            Map.entry("Div", ArithmeticGradients::div),
            Map.entry("Dropout", DropoutGradient::dropout),
            Map.entry("Elu", RectifierGradients::elu),
            Map.entry("Equal", NO_GRADIENT),
            Map.entry("Erf", ActivationGradients::erf),
            Map.entry("Exp", UnaryGradients::exp),
            Map.entry("Expand", JoiningGradients::expand),
            Map.entry("EyeLike", NO_GRADIENT),
            Map.entry("Flatten", LayoutGradients::reshape),
            Map.entry("Floor", NO_GRADIENT),
            Map.entry("Gather", IndexGradients::gather),
            Map.entry("GatherElements", IndexGradients::gatherElements),
            Map.entry("Gelu", ActivationGradients::gelu),
            Map.entry("Gemm", MatrixGradients::gemm),
            Map.entry("GlobalAveragePool", PoolingGradients::globalAveragePool),
            Map.entry("GlobalLpPool", PoolingGradients::globalLpPool),
            Map.entry("GlobalMaxPool", MaxPoolGradient::globalMaxPool),
            Map.entry("Greater", NO_GRADIENT),
            Map.entry("GreaterOrEqual", NO_GRADIENT),
            Map.entry("GroupNormalization", NormalizationGradients::group),
            Map.entry("HardSigmoid", ActivationGradients::hardSigmoid),
            Map.entry("HardSwish", ActivationGradients::hardSwish),
            Map.entry("Hardmax", NO_GRADIENT),
            Map.entry("Identity", LayoutGradients::identity),
            Map.entry("InstanceNormalization", NormalizationGradients::instance),
            Map.entry("IsInf", NO_GRADIENT),
            Map.entry("IsNaN", NO_GRADIENT),
            Map.entry("LayerNormalization", NormalizationGradients::layer),
            Map.entry("LeakyRelu", RectifierGradients::leakyRelu),
            Map.entry("Less", NO_GRADIENT),
            Map.entry("LessOrEqual", NO_GRADIENT),
            Map.entry("Log", UnaryGradients::log),
            Map.entry("LogSoftmax", SoftmaxGradients::logSoftmax),
            Map.entry("LpPool", PoolingGradients::lpPool),
            Map.entry("MatMul", MatrixGradients::matMul),
            Map.entry("Max", VariadicGradients::select),
            Map.entry("MaxPool", MaxPoolGradient::maxPool),
            Map.entry("Mean", VariadicGradients::mean),
            Map.entry("Min", VariadicGradients::select),
            Map.entry("Mish", ActivationGradients::mish),
            Map.entry("Mul", ArithmeticGradients::mul),
            Map.entry("Neg", UnaryGradients::neg),
            Map.entry("NonMaxSuppression", NO_GRADIENT),
            Map.entry("NonZero", NO_GRADIENT),
            Map.entry("Not", NO_GRADIENT),
            Map.entry("OneHot", NO_GRADIENT),
            Map.entry("Or", NO_GRADIENT),
            Map.entry("Pad", PadGradient::pad),
            Map.entry("QuantizeLinear", QuantizationGradients::quantize),
            Map.entry("Range", NO_GRADIENT),
            Map.entry("PRelu", RectifierGradients::pRelu),
            Map.entry("Pow", PowerGradients::pow),
            Map.entry("RandomNormal", NO_GRADIENT),
            Map.entry("RandomNormalLike", NO_GRADIENT),
            Map.entry("RandomUniform", NO_GRADIENT),
            Map.entry("RandomUniformLike", NO_GRADIENT),
            Map.entry("Reciprocal", PowerGradients::reciprocal),
            Map.entry("ReduceL1", ReductionGradients::l1),
            Map.entry("ReduceL2", ReductionGradients::l2),
            Map.entry("ReduceLogSumExp", ReductionGradients::logSumExp),
            Map.entry("ReduceMax", ReductionGradients::select),
            Map.entry("ReduceMean", ReductionGradients::mean),
            Map.entry("ReduceMin", ReductionGradients::select),
            Map.entry("ReduceSum", ReductionGradients::sum),
            Map.entry("ReduceSumSquare", ReductionGradients::sumSquare),
            Map.entry("Relu", UnaryGradients::relu),
            Map.entry("Reshape", LayoutGradients::reshape),
            Map.entry("Resize", ResizeGradient::resize),
            Map.entry("Round", NO_GRADIENT),
            Map.entry("ScatterElements", IndexGradients::scatterElements),
            Map.entry("ScatterND", IndexGradients::scatterND),
            Map.entry("Selu", RectifierGradients::selu),
            Map.entry("Shape", NO_GRADIENT),
            Map.entry("Sigmoid", UnaryGradients::sigmoid),
            Map.entry("Sign", NO_GRADIENT),
            Map.entry("Size", NO_GRADIENT),
            Map.entry("Slice", SliceGradient::slice),
            Map.entry("Softmax", SoftmaxGradients::softmax),
            Map.entry("SpaceToDepth", LayoutGradients::spaceToDepth),
            Map.entry("Split", JoiningGradients::split),
            Map.entry("Softplus", ActivationGradients::softplus),
            Map.entry("Softsign", ActivationGradients::softsign),
            Map.entry("Sqrt", UnaryGradients::sqrt),
            Map.entry("Squeeze", LayoutGradients::reshape),
            Map.entry("Sub", ArithmeticGradients::sub),
            Map.entry("Sum", VariadicGradients::sum),
            Map.entry("Tanh", UnaryGradients::tanh),
            Map.entry("Tile", JoiningGradients::tile),
            Map.entry("ThresholdedRelu", RectifierGradients::thresholdedRelu),
            Map.entry("Transpose", LayoutGradients::transpose),
            Map.entry("Trilu", IndexGradients::trilu),
            Map.entry("Unsqueeze", LayoutGradients::reshape),
            Map.entry("Where", VariadicGradients::where),
            Map.entry("Xor", NO_GRADIENT));

    private GradientRules() {}

    /** The rule for a node; null where there is none. */
    static @Nullable GradientRule find(Node node) {
        return node.domain().isEmpty() ? TABLE.get(node.operator()) : null;
    }

    /**
     * The rule for a node.
     *
     * @throws FieldfareException if there is none; the message names operator and node and lists the rules
     */
    static GradientRule of(Node node) {
        GradientRule rule = find(node);
        if (rule == null) {
            String operator = node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator();
            throw new FieldfareException("Fieldfare has no gradient for the operator " + operator + " (the "
                    + node.describe() + "), so nothing before it can be trained; train from a later node on. There are "
                    + "gradients for " + String.join(", ", new TreeSet<>(TABLE.keySet())));
        }
        return rule;
    }
}
