package dev.fieldfare.autodiff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.noise.Seed;
import dev.fieldfare.onnx.Attribute;
import dev.fieldfare.onnx.ElementType;
import dev.fieldfare.onnx.Graph;
import dev.fieldfare.onnx.GraphBuilder;
import dev.fieldfare.onnx.Shape;
import dev.fieldfare.onnx.TensorData;
import dev.fieldfare.onnx.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule against central differences of the forward graph, run by ONNX Runtime in double precision. */
class GradientRulesTest {
    private static final Seed SEED = new Seed(20260101);

    /** Weights of central differences one, two and three steps away (Fornberg, 1988): exact up to x^2 and x^6. */
    private static final double[] SECOND_ORDER = {1 / 2.0};

    private static final double[] SIXTH_ORDER = {3 / 4.0, -3 / 20.0, 1 / 60.0};

    private static final String CASES = """
        Abs                | 3x4                  |                                | away:0
        Add                | 3x4 3x4
        Add                | 2x3x4 4
        Add                | 2x1x4 3x1
        Add                | () 2x3
        AveragePool        | 2x3x6                | kernel_shape=[3]               | float32
        AveragePool        | 2x3x6x5              | kernel_shape=[3,2]             | float32
        AveragePool        | 2x3x8x6              | kernel_shape=[2,2] strides=[2,2] | float32
        AveragePool        | 1x2x7x8              | kernel_shape=[3,2] strides=[2,3] | float32
        AveragePool        | 1x2x7x8              | kernel_shape=[3,3] strides=[1,1] pads=[1,1,1,1] | float32
        AveragePool        | 1x2x7x8              | kernel_shape=[3,3] strides=[2,1] pads=[1,0,2,1] | float32
        AveragePool        | 1x2x7x8              | kernel_shape=[3,3] strides=[2,2] pads=[1,0,2,1] count_include_pad=1 | float32
        AveragePool        | 1x2x7x8              | kernel_shape=[3,3] pads=[1,1,1,1] count_include_pad=1 | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[3,3] strides=[2,3] ceil_mode=1 | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[3,3] strides=[2,3] pads=[1,1,1,1] ceil_mode=1 | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] pads=[0,1,1,1] ceil_mode=1 count_include_pad=1 | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=SAME_UPPER | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=SAME_LOWER | float32
        AveragePool        | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=VALID | float32
        AveragePool        | 1x2x4x4x3            | kernel_shape=[2,2,2] strides=[2,1,1] pads=[0,0,1,0,1,0] | float32
        BatchNormalization | 2x3x4x2 3 3 c:3 c:3  | epsilon=2.5
        BatchNormalization | 4x3 3 3 c:3 c:3      | epsilon=2.5
        BatchNormalization | 2x3x4 3 3 3 3        | epsilon=2.5
        AveragePool        | 2x2x6                | kernel_shape=[3] strides=[3]   | float32
        AveragePool        | 1x2x7x7              | kernel_shape=[7,7]             | float32
        AveragePool        | 1x2x3x4              | kernel_shape=[3,3] pads=[2,1,0,2] | float32
        AveragePool        | 1x2x3x4              | kernel_shape=[3,2] pads=[2,1,0,1] count_include_pad=1 | float32
        Cast               | 3x4                  | to=1
        Celu               | 3x4                  |                                | curved float32 away:0
        Celu               | 3x4                  | alpha=0.5                      | curved float32 away:0
        Clip               | 3x4 f:-1 f:1         |                                | away:-1,1
        Clip               | 3x4 f:0              |                                | away:0
        Clip               | 3x4 f:0 f:1.5        |                                | away:0,1.5
        Clip               | 3x4 - f:1.5          |                                | away:1.5
        Clip               | 5
        Concat             | 3x4 3x4              | axis=0
        Concat             | 2x3x4 2x1x4 2x2x4    | axis=1
        Concat             | 2x3 c:2x4 2x1        | axis=-1
        Concat             | 3x4                  | axis=0
        Conv               | 2x3x7 4x3x3 4        |                                | float32
        Conv               | 1x4x9 6x2x2          | group=2 strides=[2] dilations=[3] pads=[2,1] | float32
        Conv               | 1x6x10 4x3x3 4       | group=2 dilations=[2] pads=[2,3] | float32
        Conv               | 1x6x7 9x2x2          | group=3 dilations=[3]          | float32
        Conv               | 1x4x5 6x2x1 6        | group=2                        | float32
        Conv               | 2x3x5x6 4x3x1x1 4    |                                | float32
        Conv               | 1x3x5x6 4x3x1x1      | kernel_shape=[1,1]             | float32
        Conv               | 2x3x7x6 4x3x1x1 4    | strides=[2,2]                  | float32
        Conv               | 2x3x5x4 2x3x1x1 2    | pads=[1,0,2,1]                 | float32
        Conv               | 2x4x5x6 6x2x1x1 6    | group=2                        | float32
        Conv               | 2x3x5x6 4x3x3x3 4    | pads=[1,1,1,1]                 | float32
        Conv               | 1x3x5x6 4x3x3x3      | pads=[1,1,1,1]                 | float32
        Conv               | 2x3x7x6 4x3x3x2      | kernel_shape=[3,2]             | float32
        Conv               | 2x3x7x8 4x3x3x3 4    | strides=[2,2] pads=[1,1,1,1]   | float32
        Conv               | 2x3x8x7 4x3x3x3 4    | strides=[2,2] pads=[1,1,1,1]   | float32
        Conv               | 1x2x9x9 3x2x2x3 3    | strides=[3,2] pads=[0,2,1,1]   | float32
        Conv               | 2x2x8x9 3x2x3x2 3    | dilations=[2,3] pads=[1,2,3,0] | float32
        Conv               | 1x2x12x11 3x2x2x3 3  | strides=[3,2] dilations=[2,3] pads=[1,2,0,3] | float32
        Conv               | 1x2x12x11 3x2x2x1 3  | strides=[3,4] dilations=[4,1]  | float32
        Conv               | 1x2x4x5 3x2x2x2 3    | pads=[3,2,2,3]                 | float32
        Conv               | 1x2x4x5 3x2x2x2 3    | strides=[2,3] pads=[3,2,2,3]   | float32
        Conv               | 2x4x5x6 6x2x3x3 6    | group=2 pads=[1,1,1,1]         | float32
        Conv               | 2x4x7x6 6x2x3x2      | group=2 strides=[2,2] pads=[1,0,1,1] | float32
        Conv               | 2x3x5x6 3x1x3x3 3    | group=3 pads=[1,1,1,1]         | float32
        Conv               | 1x3x5x6 3x1x3x3 3    | group=3 pads=[1,1,1,1]         | float32
        Conv               | 2x3x7x8 3x1x3x3 3    | group=3 strides=[2,2] pads=[1,1,1,1] | float32
        Conv               | 2x3x8x7 3x1x3x3      | group=3 strides=[2,2] pads=[0,0,1,1] | float32
        Conv               | 2x3x9x8 3x1x5x5 3    | group=3 strides=[2,1] pads=[2,2,2,2] | float32
        Conv               | 2x3x9x8 3x1x3x3 3    | group=3 dilations=[2,2] pads=[2,2,2,2] | float32
        Conv               | 2x3x5x6 6x1x3x3 6    | group=3 pads=[1,1,1,1]         | float32
        Conv               | 2x3x7x6 6x1x3x3 6    | group=3 strides=[2,2] pads=[1,1,1,1] | float32
        Conv               | 2x3x5x6 3x1x1x1 3    | group=3                        | float32
        Conv               | 2x3x7x6 4x3x3x3 4    | strides=[2,2] auto_pad=SAME_UPPER | float32
        Conv               | 2x3x8x6 4x3x3x4 4    | strides=[2,3] auto_pad=SAME_LOWER | float32
        Conv               | 1x2x8x7 3x2x1x1 3    | strides=[3,3] auto_pad=SAME_UPPER | float32
        Conv               | 1x2x9x9 3x2x3x2 3    | strides=[2,3] auto_pad=VALID   | float32
        Conv               | 1x3x6x5 3x1x3x2 3    | group=3 auto_pad=SAME_UPPER    | float32
        Conv               | 1x2x4x5x4 3x2x2x3x2 3 | strides=[1,2,2] pads=[0,1,1,1,0,1] | float32
        Conv               | 2x8x5x6 9x8x1x1      |                                | float32
        Conv               | 2x8x5x6 2x8x1x1 2    |                                | float32
        Conv               | 1x8x5x6 9x8x1x1      |                                | float32
        Conv               | 2x8x3x4 9x8x3x3      | pads=[1,1,1,1]                 | float32
        Conv               | 1x8x3x2 12x8x3x3     | pads=[1,1,1,1]                 | float32
        Conv               | 1x8x2x2 64x8x2x1     | pads=[0,0,1,0]                 | float32
        Conv               | 2x8x6x7 3x8x3x2      | strides=[2,3] pads=[2,0,1,1] dilations=[1,2] | float32
        Conv               | 2x8x7 3x8x3          | strides=[2] pads=[1,0]         | float32
        Conv               | 2x3x4x5 3x1x3x3      | group=3                        | float32
        Conv               | 2x3x4x5 3x1x2x3      | group=3 pads=[0,2,1,0]         | float32
        Conv               | 2x3x4x5 3x1x2x3      | group=3 pads=[1,0,0,2]         | float32
        Conv               | 1x3x4x5 3x1x2x2      | group=3 pads=[3,2,2,3]         | float32
        Conv               | 1x3x4x2 3x1x3x3      | group=3 pads=[1,1,1,1]         | float32
        Conv               | 1x3x7 3x1x3          | group=3 pads=[1,1]             | float32
        Conv               | 2x2x10x11 2x1x3x3 2  | group=2 pads=[1,1,1,1]         | float32
        Conv               | 1x2x10x11 2x1x3x3    | group=2                        | float32
        Conv               | 2x2x11x10 2x1x2x3    | group=2 pads=[0,2,1,0]         | float32
        Conv               | 2x2x11x10 2x1x2x3    | group=2 pads=[1,0,0,2]         | float32
        Conv               | 1x2x11x10 2x1x2x2    | group=2 pads=[3,2,2,3]         | float32
        Conv               | 1x1x51x2 1x1x3x3     | pads=[1,1,1,1]                 | float32
        ConvTranspose      | 2x3x5 3x2x3 2        | strides=[2] pads=[1,0] output_padding=[1] | float32
        ConvTranspose      | 2x3x4x5 3x2x3x3 2    |                                | float32
        ConvTranspose      | 2x3x4x5 3x2x1x1 2    |                                | float32
        ConvTranspose      | 2x3x4x5 3x2x3x3      | kernel_shape=[3,3] pads=[1,0,1,2] | float32
        ConvTranspose      | 1x3x4x3 3x2x2x2 2    | strides=[2,2]                  | float32
        ConvTranspose      | 2x3x4x3 3x2x3x3 2    | strides=[2,2] pads=[1,1,1,1] output_padding=[1,1] | float32
        ConvTranspose      | 1x3x4x3 3x2x3x2 2    | strides=[3,2] dilations=[2,3] pads=[1,2,0,1] output_padding=[2,0] | float32
        ConvTranspose      | 2x4x4x3 4x3x3x3 6    | group=2 strides=[2,1] pads=[1,1,1,1] | float32
        ConvTranspose      | 2x3x4x3 3x1x3x3 3    | group=3 strides=[2,2] pads=[1,1,1,1] output_padding=[1,1] | float32
        ConvTranspose      | 1x2x4x3 2x2x3x3      | strides=[2,2] output_shape=[8,6] | float32
        ConvTranspose      | 1x2x4x3 2x2x3x3      | strides=[2,2] output_shape=[8,6] auto_pad=SAME_UPPER | float32
        ConvTranspose      | 1x2x4x3 2x2x4x3      | strides=[2,2] auto_pad=SAME_UPPER | float32
        ConvTranspose      | 1x2x4x3 2x2x3x4      | strides=[2,2] auto_pad=SAME_LOWER | float32
        ConvTranspose      | 1x2x4x3 2x2x3x4      | strides=[2,2] auto_pad=VALID   | float32
        ConvTranspose      | 2x3x4x3 3x1x3x3 3    | group=3 pads=[1,1,1,1]         | float32
        ConvTranspose      | 2x4x4x3 4x8x3x3      | strides=[2,2] pads=[1,1,1,1] output_padding=[1,0] | float32
        ConvTranspose      | 2x4x4x3 4x8x1x1      |                                | float32
        CumSum             | 3x4 i[]:1
        CumSum             | 3x4 i[]:0            | exclusive=1
        CumSum             | 3x4 i[]:-1           | reverse=1
        CumSum             | 2x3x4 i[]:1          | exclusive=1 reverse=1
        DepthToSpace       | 2x8x2x3              | blocksize=2
        DepthToSpace       | 1x18x2x2             | blocksize=3 mode=DCR
        DepthToSpace       | 2x8x2x3              | blocksize=2 mode=CRD
        DepthToSpace       | 1x18x3x2             | blocksize=3 mode=CRD
        Div                | 3x4 3x4              |                                | positive
        Div                | 2x3 3                |                                | positive
        Div                | 2x1 2x3              |                                | positive
        Div                | () 2x3               |                                | positive
        Dropout            | 3x4
        Dropout            | 3x4 f:0.3
        Elu                | 3x4                  |                                | curved float32 away:0
        Elu                | 3x4                  | alpha=0.5                      | curved float32 away:0
        Erf                | 3x4                  |                                | curved float32
        Exp                | 3x4
        Expand             | 3x1 i:2,3,4
        Expand             | 2x3x4 i:1,1
        Expand             | () i:2,3
        Expand             | 3x4 i:3,4
        Flatten            | 2x3x4                | axis=2
        Flatten            | 2x3x4x1              | axis=-2
        Flatten            | 3                    | axis=0
        Gather             | 5x3 i:0,3,1
        Gather             | 5x3 i:1,1,-1,1
        Gather             | 5x3 i:1,2,3
        Gather             | 5x3 i[]:2
        Gather             | 5x3 i[]:-1           | axis=1
        Gather             | 2x4x3 i[2x3]:0,3,-2,2,0,0 | axis=1
        Gather             | 2x4x3 i[2x2]:0,1,2,0 | axis=-1
        Gather             | 2x4x3 i[2x1]:2,3     | axis=1
        Gather             | 6 i:4,-6
        GatherElements     | 3x4 i[2x4]:0,1,2,0,-1,1,2,0
        GatherElements     | 3x4 i[3x2]:0,0,3,-1,1,2 | axis=1
        Gelu               | 3x4                  |                                | curved float32 opset:20
        Gelu               | 3x4                  | approximate=tanh               | curved float32 opset:20
        Gemm               | 3x4 4x5
        Gemm               | 3x4 4x5 3x5
        Gemm               | 3x4 4x5 5            | alpha=0.5 beta=2.0
        Gemm               | 3x4 4x5 1x5          | beta=0.5
        Gemm               | 4x3 4x5 3x1          | transA=1 alpha=1.5
        Gemm               | 3x4 5x4 5            | transB=1
        Gemm               | 4x3 5x4 ()           | transA=1 transB=1 alpha=0.25 beta=3.0
        GlobalAveragePool  | 2x3x4x5              |                                | float32
        GlobalAveragePool  | 2x3x7                |                                | float32
        GlobalLpPool       | 2x3x4x5              |                                | curved float32 positive
        GlobalLpPool       | 2x3x7                | p=1                            | float32 away:0
        GlobalLpPool       | 2x3x2x2              | p=3                            | curved float32 away:0
        GlobalMaxPool      | 2x3x4x5              |                                | float32 spread
        GlobalMaxPool      | 2x3x7                |                                | float32 spread
        GroupNormalization | 2x6x3x2 3 3          | num_groups=3 epsilon=0.5       | curved float32
        GroupNormalization | 2x4x5 1 1            | num_groups=1 epsilon=0.5       | curved float32
        GroupNormalization | 2x6x3x2 6 6          | num_groups=3 epsilon=0.5       | curved float32 opset:21
        HardSigmoid        | 3x4                  | alpha=0.5 beta=0.25            | float32 away:-0.5,1.5
        HardSigmoid        | 3x4                  |                                | curved float32
        HardSwish          | 2x3x4                |                                | curved float32
        Identity           | 3x4
        InstanceNormalization | 2x3x4x2 3 3          | epsilon=0.5                    | curved float32
        InstanceNormalization | 2x3x8 3 3            | epsilon=0.5                    | curved float32
        LayerNormalization | 2x3x4 4 4            | epsilon=0.25                   | curved float32
        LayerNormalization | 2x3x4 3x4            | axis=1 epsilon=0.25            | curved float32
        LayerNormalization | 2x3x4 4 3x4          | axis=-2 epsilon=0.25           | curved float32
        LeakyRelu          | 3x4                  |                                | float32 away:0
        LeakyRelu          | 3x4                  | alpha=1.5                      | float32 away:0
        LeakyRelu          | 3x4                  | alpha=-0.5                     | float32 away:0
        Log                | 3x4                  |                                | positive
        LogSoftmax         | 3x4
        LogSoftmax         | 2x3x4                | axis=1
        LogSoftmax         | 3x4                  | axis=0
        LpPool             | 1x2x7x8              | kernel_shape=[3,2] strides=[2,3] | curved float32 positive
        LpPool             | 1x2x6x4              | kernel_shape=[2,2] strides=[2,2] | curved float32 positive
        LpPool             | 1x1x4x4              | kernel_shape=[3,3] pads=[1,1,1,1] | curved float32 positive
        LpPool             | 2x3x7                | kernel_shape=[3] p=1           | float32 away:0
        LpPool             | 1x2x5x4              | kernel_shape=[2,3] p=3         | curved float32 positive
        MatMul             | 3x4 4x5
        MatMul             | 2x3x4 4x5
        MatMul             | 2x1x3x4 4x5
        MatMul             | 2x3x4 2x4x5
        MatMul             | 3x4 2x4x5
        MatMul             | 2x1x3x4 6x4x5
        MatMul             | 1x3x4 2x4x1
        MatMul             | 4 4
        MatMul             | 4 4x5
        MatMul             | 3x4 4
        MatMul             | 2x3x4 4
        MatMul             | 4 2x4x5
        Max                | 3x4 3x4
        Max                | 2x3x4 3x1 4
        Max                | 3x4 f:0.25           |                                | away:0.25
        Max                | 3x4
        MaxPool            | 2x3x7                | kernel_shape=[3] strides=[2]   | float32 spread
        MaxPool            | 2x3x6x8              | kernel_shape=[2,2] strides=[2,2] | float32 spread
        MaxPool            | 1x2x7x9              | kernel_shape=[2,2] strides=[2,2] | float32 spread
        MaxPool            | 2x2x7x8              | kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] | float32 spread
        MaxPool            | 1x2x7x8              | kernel_shape=[3,2]             | float32 spread
        MaxPool            | 1x2x7x8              | kernel_shape=[3,3] strides=[2,1] pads=[1,0,2,1] | float32 spread
        MaxPool            | 1x2x9x9              | kernel_shape=[2,3] strides=[2,1] dilations=[3,2] pads=[1,2,0,1] | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[3,3] strides=[3,3] ceil_mode=1 | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] ceil_mode=1 | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[3,3] strides=[2,2] ceil_mode=1 storage_order=1 | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=SAME_UPPER | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=SAME_LOWER | float32 spread
        MaxPool            | 1x2x8x7              | kernel_shape=[4,3] strides=[3,2] auto_pad=VALID | float32 spread
        MaxPool            | 1x2x4x4x3            | kernel_shape=[2,2,2] strides=[2,1,1] pads=[0,0,1,0,1,0] | float32 spread
        Mean               | 2x3 2x3 2x3          |                                | float32
        Mean               | 2x3x4 3x1 4          |                                | float32
        Min                | 3x4 3x4
        Min                | f:0.5 3x4 4          |                                | away:0.5
        Mish               | 3x4                  |                                | curved float32
        Mul                | 3x4 3x4
        Mul                | 2x3x4 3x1
        Mul                | 2x1 1x3
        Mul                | 2x3 ()
        Neg                | 3x4
        Pad                | 3x4 i:1,0,2,3
        Pad                | 3x4 i:1,0,2,3 f:1.5
        Pad                | 3x4 i:-1,1,0,-2
        Pad                | 2x3x4 i:1,2 - i:-1
        Pad                | 2x3x4x5 i:1,2,3,0 - i:2,3 | mode=constant
        Pad                | 3x4 i:2,1,1,3        | mode=reflect
        Pad                | 2x3x4x5 i:0,0,1,2,0,0,3,4 | mode=reflect
        Pad                | 3x4 i:2,1,4,3        | mode=edge
        Pad                | 2x3x4 i:0,5 - i:2    | mode=edge
        PRelu              | 2x3x4 3x1            |                                | float32 away:0
        PRelu              | 3x4 ()               |                                | float32 away:0
        PRelu              | 3x4 3x4              |                                | float32 away:0
        Pow                | 3x4 f:2
        Pow                | 3x4 f:3
        Pow                | 3x4 f:1
        Pow                | 3x4 f:0
        Pow                | 3x4 f:0.5            |                                | positive
        Pow                | 3x4 f:-1.7           |                                | positive
        Pow                | 3x4 i:2
        Pow                | 3x4 i:2,3,0,1
        Pow                | 2x3x4 3x1            |                                | positive
        Pow                | 3x1 2x3x4            |                                | positive
        Reciprocal         | 3x4                  |                                | positive
        ReduceL1           | 2x3x4 i:1            |                                | away:0 float32
        ReduceL1           | 2x3x4 i:0,-1         | keepdims=0                     | away:0 float32
        ReduceL1           | 2x3                  | keepdims=0                     | away:0 float32
        ReduceL2           | 2x3x4 i:1
        ReduceL2           | 2x3x4 i:0,-1         | keepdims=0
        ReduceLogSumExp    | 2x3x4 i:1
        ReduceLogSumExp    | 2x3x4                | keepdims=0
        ReduceMax          | 2x3x4 i:1            |                                | apart
        ReduceMax          | 2x3x4 i:0,-1         | keepdims=0                     | apart
        ReduceMean         | 2x3x4 i:1
        ReduceMean         | 2x3x4 i:0,2          | keepdims=0
        ReduceMean         | 2x3x4 i:-1           | keepdims=0
        ReduceMean         | 2x3x4
        ReduceMean         | 2x3x4                | keepdims=0
        ReduceMean         | 2x3 i:               | noop_with_empty_axes=1 keepdims=0
        ReduceMin          | 2x3x4 i:-1           | keepdims=0                     | apart
        ReduceMin          | 1x6                  |                                | apart
        ReduceSum          | 2x3x4 i:1
        ReduceSum          | 2x3x4 i:2,0          | keepdims=0
        ReduceSum          | 2x3x4                | keepdims=0
        ReduceSum          | 2x3 i:               | noop_with_empty_axes=1
        ReduceSum          | 1x3x1 i:0            | keepdims=0
        ReduceSumSquare    | 2x3x4 i:1
        ReduceSumSquare    | 2x3x4 i:-2           | keepdims=0
        ReduceSumSquare    | 2x3                  | keepdims=0
        Relu               | 3x4                  |                                | away:0
        Reshape            | 2x3x4 i:6,-1
        Reshape            | 2x3x4 i:0,0,2,2
        Reshape            | 1x1 i:
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=asymmetric nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=asymmetric nearest_mode=floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=asymmetric nearest_mode=floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=asymmetric nearest_mode=ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=asymmetric nearest_mode=ceil | float32
        Resize             | 2x2x3x4 - - i:2,2,7,6 | mode=linear coordinate_transformation_mode=asymmetric | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | mode=linear coordinate_transformation_mode=asymmetric | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | mode=linear coordinate_transformation_mode=asymmetric | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | coordinate_transformation_mode=asymmetric | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel nearest_mode=floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel nearest_mode=floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel nearest_mode=ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel nearest_mode=ceil | float32
        Resize             | 2x2x3x4 - - i:2,2,7,6 | mode=linear coordinate_transformation_mode=half_pixel | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | mode=linear coordinate_transformation_mode=half_pixel | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | mode=linear coordinate_transformation_mode=half_pixel | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | coordinate_transformation_mode=half_pixel | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=pytorch_half_pixel nearest_mode=ceil | float32
        Resize             | 2x2x3x4 - - i:2,2,7,6 | mode=linear coordinate_transformation_mode=pytorch_half_pixel | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | mode=linear coordinate_transformation_mode=pytorch_half_pixel | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | mode=linear coordinate_transformation_mode=pytorch_half_pixel | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | coordinate_transformation_mode=pytorch_half_pixel | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=align_corners nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=align_corners nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=align_corners nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=align_corners nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=align_corners nearest_mode=floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=align_corners nearest_mode=floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=align_corners nearest_mode=ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=align_corners nearest_mode=ceil | float32
        Resize             | 2x2x3x4 - - i:2,2,7,6 | mode=linear coordinate_transformation_mode=align_corners | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | mode=linear coordinate_transformation_mode=align_corners | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | mode=linear coordinate_transformation_mode=align_corners | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | coordinate_transformation_mode=align_corners | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=round_prefer_floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=round_prefer_ceil | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=floor | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=floor | float32
        Resize             | 1x2x3x4 - - i:1,2,7,6 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=ceil | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | coordinate_transformation_mode=half_pixel_symmetric nearest_mode=ceil | float32
        Resize             | 2x2x3x4 - - i:2,2,7,6 | mode=linear coordinate_transformation_mode=half_pixel_symmetric | float32
        Resize             | 1x2x7x6 - - i:1,2,3,4 | mode=linear coordinate_transformation_mode=half_pixel_symmetric | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | mode=linear coordinate_transformation_mode=half_pixel_symmetric | float32
        Resize             | 1x2x3x4 - s:1,1,2.3,1.6 | coordinate_transformation_mode=half_pixel_symmetric | float32
        Resize             | 2x2x3x4 - s:1,1,2,3  | coordinate_transformation_mode=asymmetric nearest_mode=floor | float32
        Resize             | 2x2x3x4 - s:1,1,2,2  |                                | float32
        Resize             | 2x2x3x4 - s:2,3      | axes=[2,3]                     | float32
        Resize             | 2x2x3x4 - - i:5,9    | mode=linear axes=[2,3]         | float32
        Resize             | 2x3x5 - s:1,1,2      | mode=linear                    | float32
        Resize             | 2x3x5 - s:1,1,0.6    |                                | float32
        Resize             | 3x5 - s:2,1.5        | mode=linear                    | float32
        Resize             | 1x3x4x2 - s:1,2,2.5,1 |                                | float32
        Resize             | 1x2x3x4 - s:1,1,1,1  | mode=linear                    | float32
        Resize             | 1x2x3x4 - - i:1,2,1,1 | mode=linear coordinate_transformation_mode=pytorch_half_pixel | float32
        Resize             | 1x2x1x1 - - i:1,2,4,3 | mode=linear coordinate_transformation_mode=align_corners | float32
        Resize             | 1x1x2x3x2 - s:1,1,2,2,2 | mode=linear                    | float32
        ScatterElements    | 3x4 i[2x4]:0,1,2,0,-1,2,1,2 2x4
        ScatterElements    | 3x4 i[3x2]:0,1,3,-2,1,2 3x2 | axis=1
        ScatterElements    | 3x4 i[2x4]:0,1,2,0,0,2,2,1 2x4 | reduction=add
        ScatterElements    | 3x4 i[2x4]:0,1,2,0,-1,2,1,2 c:2x4
        ScatterND          | 5x3 i[2x1]:4,1 2x3
        ScatterND          | 3x4 i[3x2]:0,1,2,3,1,-1 3
        ScatterND          | 5x3 i[3x1]:4,1,4 3x3 | reduction=add
        Selu               | 3x4                  |                                | curved float32 away:0
        Selu               | 3x4                  | alpha=1.5 gamma=1.5            | curved float32 away:0
        Sigmoid            | 3x4
        Slice              | 5x4 i:1,0 i:4,3
        Slice              | 5x4 i:1 i:-1 i:1
        Slice              | 5x4 i:-3 i:9999 i:-2
        Slice              | 7x4 i:1 i:7 i:0 i:2
        Slice              | 7x5 i:0,1 i:7,5 i:0,1 i:3,2
        Slice              | 7x4 i:-1 i:-9999 i:0 i:-1
        Slice              | 7x4 i:5 i:0 i:0 i:-2
        Slice              | 2x7x6 i:6,0 i:-9999,9999 i:1,2 i:-3,4
        Slice              | 2x7 i:9999,1 i:1,2 i:1,0 i:-4,1
        Slice              | 8 i:9223372036854775807 i:-9223372036854775807 i:0 i:-1
        Softmax            | 3x4
        Softmax            | 2x3x4                | axis=1
        Softmax            | 3x4                  | axis=0
        SpaceToDepth       | 2x2x4x6              | blocksize=2
        SpaceToDepth       | 1x1x3x6              | blocksize=3
        Split              | 6x4                  | num_outputs=3                  | outputs:3
        Split              | 7x2                  | num_outputs=3                  | outputs:3
        Split              | 2x6 i:1,3,2          | axis=1                         | outputs:3
        Split              | 2x6 i:1,3,2          | axis=-1                        | outputs:3 unread:1
        Split              | 6x4 i:2,4            |                                | outputs:2 unread:0
        Softplus           | 3x4                  |                                | curved float32
        Softsign           | 3x4                  |                                | curved float32 away:0
        Sqrt               | 3x4                  |                                | positive
        Squeeze            | 1x3x1x2 i:0,2
        Squeeze            | 1x3x1
        Sub                | 3x4 3x4
        Sub                | 2x3x4 3x1
        Sub                | () 2x3
        Sum                | 2x3 2x3 2x3
        Sum                | 2x3x4 3x1 4
        Sum                | 3x4
        Tanh               | 3x4
        Tile               | 3x4 i:2,3
        Tile               | 2x1x3 i:1,4,1
        Tile               | 2x3 i:1,1
        ThresholdedRelu    | 3x4                  | alpha=0.5                      | float32 away:0.5
        ThresholdedRelu    | 3x4                  | alpha=-0.5                     | float32 away:-0.5
        Transpose          | 2x3x4
        Transpose          | 2x3x4                | perm=[1,2,0]
        Transpose          | 2x3x4x5              | perm=[0,2,3,1]
        Trilu              | 4x5
        Trilu              | 2x4x3 i[]:1
        Trilu              | 4x4 i[]:-1           | upper=0
        Unsqueeze          | 2x3 i:0,-1
        Where              | b:3x4 3x4 3x4
        Where              | b:3x1 2x3x4 4
        Where              | b:2x3x4 () f:0
        Where              | b:4 c:3x1 4
        """;

    /** A difference of a staircase says nothing: {@link QuantizationGradientsTest} checks these by a formula. */
    private static final Set<String> STAIRCASES = Set.of("DequantizeLinear", "QuantizeLinear");

    static Stream<GradientCase> cases() {
        return CASES.lines().map(GradientCase::of);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void equalsTheCentralDifference(GradientCase test) throws Exception {
        RandomGenerator random = SEED.generator(test.line());
        Map<String, double[]> inputs = new LinkedHashMap<>();
        test.variables().forEach((name, sizes) -> inputs.put(name, test.draw(random, sizes)));
        Graph forward = weightedSum(test, random);

        // A power of two, so that adding it to an input is exact.
        double step = test.step();
        double tolerance = test.isSinglePrecision() ? 1e-4 : 1e-6;
        double[] weights = test.isCurved() ? SIXTH_ORDER : SECOND_ORDER;
        Map<String, double[]> gradients = gradients(test, forward, inputs, inputs.keySet(), Kernels.STANDARD);
        // For three channels, each convolved by itself.
        Map<String, double[]> direct = gradients(test, forward, inputs, inputs.keySet(), new Kernels(3));
        try (TestSession session = new TestSession(test.operatorSet(), precision(test, forward))) {
            for (Map.Entry<String, double[]> input : inputs.entrySet()) {
                double[] elements = input.getValue();
                double[] differences = new double[elements.length];
                for (int i = 0; i < elements.length; i++) {
                    double middle = elements[i];
                    for (int k = 1; k <= weights.length; k++) {
                        elements[i] = middle + k * step;
                        double above = loss(session, inputs);
                        elements[i] = middle - k * step;
                        double below = loss(session, inputs);
                        differences[i] += weights[k - 1] * (above - below) / step;
                    }
                    elements[i] = middle;
                }
                String what = test + ": gradient by " + input.getKey() + ", " + SEED;
                assertArrayEquals(differences, gradients.get(input.getKey()), tolerance, what);
                assertArrayEquals(differences, direct.get(input.getKey()), tolerance, what + ", direct");
            }
        }
        // What is not asked for must not change what is.
        for (String one : inputs.keySet()) {
            assertArrayEquals(
                    gradients.get(one),
                    gradients(test, forward, inputs, List.of(one), Kernels.STANDARD)
                            .get(one),
                    1e-12);
        }
    }

    @Test
    void everyRuleHasACaseOrSaysThatThereIsNoGradient() {
        Set<String> expected = GradientRules.TABLE.entrySet().stream()
                .filter(entry -> entry.getValue() != GradientRules.NO_GRADIENT)
                .filter(entry -> !STAIRCASES.contains(entry.getKey()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(expected, cases().map(GradientCase::operator).collect(Collectors.toCollection(TreeSet::new)));
    }

    /** The case's node and {@code loss}, the sum of its outputs' elements times fixed random numbers. */
    private static Graph weightedSum(GradientCase test, RandomGenerator random) throws Exception {
        GraphBuilder builder = new GraphBuilder("case");
        List<String> terms = new ArrayList<>();
        List<String> outputs = test.build(builder, random);
        Map<String, Shape> shapes = TestSession.shapes(test.operatorSet(), builder.build());
        for (String output : outputs) {
            Shape shape = Objects.requireNonNull(shapes.get(output));
            float[] weights = new float[(int) shape.elements()];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = random.nextFloat(-1, 1);
            }
            String weighted = builder.apply(
                    "Mul", List.of(output, builder.constant("weights", TensorData.ofFloats(weights, shape.sizes()))));
            terms.add(builder.apply("ReduceSum", List.of(weighted), Map.of("keepdims", Attribute.of(0))));
        }
        String sum = terms.getFirst();
        for (String term : terms.subList(1, terms.size())) {
            sum = builder.apply("Add", List.of(sum, term));
        }
        builder.apply("loss", "Identity", List.of(sum), Map.of());
        builder.output(Value.ofFloats("loss"));
        return builder.build();
    }

    private static double loss(TestSession session, Map<String, double[]> inputs) throws Exception {
        return Objects.requireNonNull(session.run(inputs).get("loss"))[0];
    }

    private static Map<String, double[]> gradients(
            GradientCase test, Graph forward, Map<String, double[]> inputs, Collection<String> wanted, Kernels kernels)
            throws Exception {
        GraphBuilder builder = GraphBuilder.from(forward);
        Map<String, Shape> shapes = TestSession.shapes(test.operatorSet(), forward);
        Map<String, String> names = Differentiation.gradients(builder, shapes, "loss", wanted, kernels);
        builder.setOutputs(names.entrySet().stream()
                .map(entry -> new Value(entry.getValue(), ElementType.FLOAT, shapes.get(entry.getKey())))
                .distinct()
                .toList());
        Map<String, double[]> gradients = new LinkedHashMap<>();
        try (TestSession session = new TestSession(test.operatorSet(), precision(test, builder.build()))) {
            Map<String, double[]> outputs = session.run(inputs);
            names.forEach((value, gradient) -> gradients.put(value, outputs.get(gradient)));
        }
        return gradients;
    }

    private static Graph precision(GradientCase test, Graph graph) {
        return test.isSinglePrecision() ? graph : DoublePrecision.of(graph);
    }
}
