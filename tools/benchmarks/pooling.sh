#!/usr/bin/env bash
# Trains a small network from nothing with max pooling and with fractional max pooling, and prints, as a Markdown table,
# the error on held-back pictures by the number of samples that are averaged.
# Usage: tools/benchmarks/pooling.sh PICTURES [SEEDS]
# where PICTURES is a folder of labelled folders of CIFAR-10's pictures. EPOCHS and SAMPLES narrow it down.
set -euo pipefail

pictures=${1:?give a folder of labelled folders of pictures}
seeds=${2:-1 2 3}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
java=$(FIELDFARE_JAVA_OPTIONS=-XshowSettings:properties "$here/tools/fieldfare" --version 2>&1 |
    sed -n 's/^ *java\.home = //p')
cat >"$work/settings.yaml" <<YAML
train: all
epochs: 1
batch: 128
average: none
optimizer: {name: sgd, learningRate: 0.1, momentum: 0.9, warmUpEpochs: 1, clipNorm: 5}
suffix: {learningRate: 0.1, epochs: ${EPOCHS:-16}, start: zero, inputs: fresh, l2: 0.0005, normalization: batch}
regularization: {l2: 0.0005}
augment: {views: 0, plain: 0, strengths: {crop: 0, flip: 0.5}}
split: {by: picture, validation: 0.02, test: 0.2}
earlyStopping: {patience: 0, refit: false}
YAML
# The same pictures for all: of each label the first 960 by name to train on, 40 to watch, 250 held back to the end.
if [ ! -d "$work/data" ]; then
    for label in "$pictures"/*/; do
        name=$(basename "$label")
        mkdir -p "$work/data/train/$name" "$work/data/val/$name" "$work/data/test/$name"
        count=0
        find "$(cd "$label" && pwd)" -type f | LC_ALL=C sort >"$work/files"
        head -n 1250 "$work/files" | while read -r file; do
            count=$((count + 1))
            if [ $count -le 960 ]; then part=train; elif [ $count -le 1000 ]; then part=val; else part=test; fi
            ln -s "$file" "$work/data/$part/$name/"
        done
    done
fi
for seed in $seeds; do
    for kind in max fractional; do
        out=$work/$kind+$seed
        if [ ! -s "$out.json" ]; then
            "$java/bin/java" -cp "$here/target/fieldfare.jar" "$here/tools/PoolingModel.java" "$kind" "$out.onnx" "$seed"
            "$here/tools/fieldfare" retrain -m "$out.onnx" -d "$work/data" -o "$out" -c "$work/settings.yaml" \
                --seed "$seed" --json >"$out.part" 2>"$out.log"
            mv "$out.part" "$out.json"
        fi
        averages=none
        [ "$kind" = max ] || averages='fmp:1 fmp:3 fmp:12 fmp:50 fmp:50,until:0.99'
        for average in $averages; do
            if [ ! -s "$out+$average.json" ]; then
                "$here/tools/fieldfare" evaluate -m "$out/model.onnx" -d "$work/data" --average "$average" --json \
                    >"$out.part" 2>>"$out.log"
                mv "$out.part" "$out+$average.json"
            fi
        done
    done
done

python3 - "$work" <<'PYTHON'
import glob, json, os, statistics, sys
found = {}
for path in glob.glob(os.path.join(sys.argv[1], "*+*+*.json")):
    kind, seed, average = os.path.basename(path)[: -len(".json")].split("+")
    found.setdefault((kind, average), []).append(json.load(open(path)))
print("| pooling | averaged over | looks a picture | error | range over seeds | seconds |")
print("|---|---|---:|---:|---|---:|")
for (kind, average), runs in sorted(found.items(), key=lambda item: (item[0][0] != "max", item[1][0]["samples"])):
    errors = [100 * (1 - run["accuracy"]) for run in runs]
    samples = statistics.mean(run["samples"] for run in runs)
    seconds = statistics.median(run["seconds"] for run in runs)
    print(f"| {kind} | `{average}` | {samples:.1f} | {statistics.mean(errors):.1f} % "
          f"| {min(errors):.1f} to {max(errors):.1f} ({len(runs)}) | {seconds:.1f} |")
PYTHON
