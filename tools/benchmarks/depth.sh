#!/usr/bin/env bash
# Retrains networks at several depths on two sets of pictures and prints, as a Markdown table, what came out: accuracy
# on held-back pictures, planned and measured memory, time. Usage: tools/benchmarks/depth.sh DATA [SEEDS]
# where DATA is the folder of the test data (models/, pictures/). MODELS and DEPTHS narrow it down; EPOCHS is for the
# layers before the last.
set -euo pipefail

data=${1:?give the folder of the test data (models/, pictures/)}
seeds=${2:-1}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
# As in linear-probe.sh: a random split, to compare with the probe.
printf 'split: {by: picture}\nsuffix: {epochs: %s}\n' "${EPOCHS:-12}" >"$work/settings.yaml"

for model in ${MODELS:-mcunet-5fps-128.fp32 mbv2-w0.35-128.fp32 mobilenet_v1_0.25_128_quant.fp32 resnet8_cifar10_bn \
    mobilenet_v2_1.0_224_quant.fp32}; do
    for set in trashnet-small/data/dataset-resized sign-digits/Dataset; do
        case $model in
            mobilenet_v2*) depths='last blocks:1 blocks:3' ;;
            resnet8*) depths='last blocks:1 all' ;;
            *) depths='last blocks:2 blocks:5 all' ;;
        esac
        for depth in ${DEPTHS:-$depths}; do
            for seed in $seeds; do
                out=$work/${set%%/*}+$model+$depth+$seed
                if [ ! -s "$out.json" ]; then
                    "$here/tools/fieldfare" retrain -m "$data/models/$model.onnx" \
                        --card "$here/tools/benchmarks/cards/$model.yaml" -d "$data/pictures/$set" -o "$out" \
                        -c "$work/settings.yaml" --train "$depth" --seed "$seed" --json >"$out.part" 2>"$out.log"
                    mv "$out.part" "$out.json"
                fi
            done
        done
    done
done

python3 - "$work" <<'PYTHON'
import glob, json, os, statistics, sys

runs = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json"))):
    pictures, model, depth, seed = os.path.basename(path)[:-5].split("+")
    runs.setdefault((model, pictures, depth), []).append(json.load(open(path)))
order = {"last": 0, "all": 99}
print("| network | pictures | trained | parameters | one look | averaged | planned MiB | peak MiB | seconds |")
print("|---|---|---|---:|---:|---:|---:|---:|---:|")
for key, reports in sorted(runs.items(), key=lambda item: (
        item[0][0], item[0][1], order.get(item[0][2], int(item[0][2].rpartition(":")[2]) if ":" in item[0][2] else 0))):
    model, pictures, depth = key
    median = lambda get: statistics.median(get(report) for report in reports)
    print(f"| {model} | {pictures} | {depth} | {reports[0]['parameters']} "
          f"| {median(lambda r: r['test']['accuracy']):.3f} "
          f"| {median(lambda r: r['testAveraged']['accuracy']):.3f} "
          f"| {median(lambda r: r['memory']['plannedBytes']) / 2**20:.0f} "
          f"| {max(r['memory']['peakBytes'] for r in reports) / 2**20:.0f} "
          f"| {median(lambda r: r['seconds']):.0f} |")
PYTHON
