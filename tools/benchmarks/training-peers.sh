#!/usr/bin/env bash
# Trains MobileNetV2 side by side with PyTorch on two threads and prints, as a Markdown table, pictures a second and the
# peak memory of each. Usage: tools/benchmarks/training-peers.sh DATA [OPTION...], where DATA is the folder of the test data
# (models/); the options are those of training-peers.py. Needs python3 with torch and onnx; with --java, which adds two
# peers, also Maven, and JAVA_HOME a JDK 25.
set -euo pipefail

data=${1:?give the folder of the test data (models/)}
shift
here=$(cd "$(dirname "$0")" && pwd)
exec python3 "$here/training-peers.py" --model "$data/models/mobilenet_v2_1.0_224_quant.fp32.onnx" "$@"
