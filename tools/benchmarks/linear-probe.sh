#!/usr/bin/env bash
# Retrains the last layer of four backbones on two sets of pictures and prints, as a Markdown table, what came out: the
# median over the seeds, beside the accuracy of a plain linear probe. Usage: tools/benchmarks/linear-probe.sh DATA [SEEDS]
set -euo pipefail

data=${1:?give the folder of the test data (models/, pictures/)}
seeds=${2:-"1 2 3"}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
# The probe's figures are for a random split; the default keeps sessions and near-duplicates together, which is harder.
printf 'split: {by: %s}\n' "${SPLIT:-picture}" >"$work/split.yaml"

for set in trashnet-small/data/dataset-resized sign-digits/Dataset; do
    for model in mcunet-5fps-128.fp32 mbv2-w0.35-128.fp32 mobilenet_v1_0.25_128_quant.fp32 mobilenet_v2_1.0_224_quant.fp32; do
        for seed in $seeds; do
            out=$work/${set%%/*}-$model-$seed
            if [ ! -s "$out.json" ]; then
                "$here/tools/fieldfare" retrain -m "$data/models/$model.onnx" \
                    --card "$here/tools/benchmarks/cards/$model.yaml" -d "$data/pictures/$set" -o "$out" \
                    -c "$work/split.yaml" --train last --budget "${BUDGET:-176M}" --seed "$seed" --json >"$out.part" 2>"$out.log"
                mv "$out.part" "$out.json"
            fi
        done
    done
done

python3 - "$work" <<'PYTHON'
import glob, json, os, statistics, sys

PROBE = {"trashnet-small": {"mcunet": .722, "mbv2": .746, "mobilenet_v1": .758, "mobilenet_v2": .829},
         "sign-digits": {"mcunet": .897, "mbv2": .880, "mobilenet_v1": .923, "mobilenet_v2": .935}}
runs = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json"))):
    name = os.path.basename(path)
    pictures = next(p for p in PROBE if name.startswith(p))
    backbone = max((b for b in PROBE[pictures] if name[len(pictures) + 1:].startswith(b)), key=len)
    runs.setdefault((pictures, backbone), []).append(json.load(open(path)))
print("| pictures | backbone | linear probe | one look | averaged | planned MiB | peak MiB | seconds |")
print("|---|---|---|---|---|---|---|---|")
for (pictures, backbone), reports in runs.items():
    median = lambda get: statistics.median(get(report) for report in reports)
    print(f"| {pictures} | {backbone} | {PROBE[pictures][backbone]:.3f} "
          f"| {median(lambda r: r['test']['accuracy']):.3f} "
          f"({min(r['test']['accuracy'] for r in reports):.3f} to {max(r['test']['accuracy'] for r in reports):.3f}) "
          f"| {median(lambda r: r['testAveraged']['accuracy']):.3f} "
          f"| {median(lambda r: r['memory']['plannedBytes']) / 2**20:.0f} "
          f"| {max(r['memory']['peakBytes'] for r in reports) / 2**20:.0f} "
          f"| {median(lambda r: r['seconds']):.0f} |")
PYTHON
