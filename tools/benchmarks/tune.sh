#!/usr/bin/env bash
# Tunes for two minutes with 20 and with 100 pictures a label and measures on all other pictures, beside a retraining with
# the defaults and the same two minutes. Prints a Markdown table. Usage: tools/benchmarks/tune.sh DATA [SEEDS]
# where DATA is the folder of the test data (models/, pictures/). MODEL and MINUTES change what their names say.
set -euo pipefail

data=$(cd "${1:?give the folder of the test data (models/, pictures/)}" && pwd)
seeds=${2:-1}
model=${MODEL:-mbv2-w0.35-128.fp32}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"

for seed in $seeds; do
    for set in sign-digits/Dataset trashnet-small/data/dataset-resized; do
        for count in 20 100; do
            name=${set%%/*}+$count+$seed
            [ -d "$work/$name" ] || python3 - "$data/pictures/$set" "$work/$name" "$count" "$seed" <<'PYTHON'
import os, random, sys

source, target, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
for label in sorted(os.listdir(source)):
    folder = os.path.join(source, label)
    if os.path.isdir(folder):
        files = sorted(os.listdir(folder))
        random.Random(seed + label).shuffle(files)
        for i, file in enumerate(files):
            side = "train" if i < 0.8 * count else "val" if i < count else "test"
            os.makedirs(os.path.join(target, side, label), exist_ok=True)
            os.symlink(os.path.join(folder, file), os.path.join(target, side, label, file))
PYTHON
            for what in tune retrain; do
                out=$work/$name.$what
                [ -s "$out.json" ] || {
                    "$here/tools/fieldfare" "$what" -m "$data/models/$model.onnx" --card "$here/tools/benchmarks/cards/$model.yaml" \
                        -d "$work/$name" -o "$out" --minutes "${MINUTES:-2}" --average none --seed "$seed" --json \
                        >"$out.part" 2>"$out.log"
                    mv "$out.part" "$out.json"
                }
            done
        done
    done
done

python3 - "$work" <<'PYTHON'
import glob, json, math, os, statistics, sys

print("| pictures | a label | seed | held back | retrain, two minutes | old settings | best of the others | difference (95 %) | old settings are | trained | trials | seconds |")
print("|---|---:|---:|---:|---:|---:|---:|---|---|---|---:|---:|")
gains = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.tune.json"))):
    name, count, seed = os.path.basename(path)[:-len(".tune.json")].split("+")
    tuned = json.load(open(path))
    plain = json.load(open(path.replace(".tune.json", ".retrain.json")))
    best = tuned["best"]
    # Where the old settings are kept, the best of the others is what there is to compare with.
    other = best if best["settings"] else best.get("runnerUp")
    before = best["rightBefore"] / best["images"]
    after = best["right"] / best["images"]
    gains.setdefault((name, int(count)), []).append((plain["test"]["accuracy"], before, after, bool(best["settings"])))
    interval = other["interval"] if other else None
    compared = (f"{other['right'] / best['images']:.3f} | {100 * other['difference']:+.1f} "
                f"({100 * interval['low']:+.1f} to {100 * interval['high']:+.1f})" if other else "no time | ")
    print(f"| {name} | {count} | {seed} | {best['images']} | {plain['test']['accuracy']:.3f} | {before:.3f} | {compared} "
          f"| {'replaced' if best['settings'] else 'kept'} "
          f"| {tuned['training']['trainable'].split(':')[0]}, {plain['trainable'].split(':')[0]} "
          f"| {len(tuned['trials'])} | {tuned['seconds']:.0f} |")

print()
print("| pictures | a label | seeds | retrain, two minutes | old settings | tuned | tuned less old settings, and its standard error | replaced |")
print("|---|---:|---:|---:|---:|---:|---|---:|")
for (name, count), rows in sorted(gains.items()):
    differences = [100 * (after - before) for _, before, after, _ in rows]
    error = statistics.stdev(differences) / math.sqrt(len(rows)) if len(rows) > 1 else math.nan
    means = " | ".join(f"{statistics.mean(row[i] for row in rows):.3f}" for i in range(3))
    print(f"| {name} | {count} | {len(rows)} | {means} | {statistics.mean(differences):+.1f} ± {error:.1f} "
          f"| {sum(row[3] for row in rows)} |")
PYTHON
