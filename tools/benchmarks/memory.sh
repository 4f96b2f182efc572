#!/usr/bin/env bash
# Retrains the last layer of every model on thirty pictures of each label and prints, as a Markdown table, the memory
# that was planned beside the peak that the kernel counted. Usage: tools/benchmarks/memory.sh DATA
set -euo pipefail

data=${1:?give the folder of the test data (models/, pictures/)}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work/pictures"
for label in "$data"/pictures/trashnet-small/data/dataset-resized/*/; do
    mkdir -p "$work/pictures/$(basename "$label")"
    find "$label" -name '*.jpg' | sort | head -n 30 | xargs cp -t "$work/pictures/$(basename "$label")"
done
echo "| model | planned MiB | measured MiB | planned / measured |"
echo "|---|---|---|---|"
for model in "$here"/models/*.onnx "$data"/models/*.onnx; do
    name=$(basename "$model" .onnx)
    "$here/tools/fieldfare" retrain -m "$model" --train last -d "$work/pictures" -o "$work/$name" --json >"$work/$name.json" \
        2>"$work/$name.log"
    python3 - "$work/$name.json" "$name" <<'PYTHON'
import json, sys

memory = json.load(open(sys.argv[1]))["memory"]
planned, peak = memory["plannedBytes"], memory["peakBytes"]
print(f"| {sys.argv[2]} | {planned / 2**20:.0f} | {peak / 2**20:.0f} | {planned / peak:.2f} |")
PYTHON
done
