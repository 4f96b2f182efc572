#!/usr/bin/env bash
# Random search against grid search: as many trials each, over the same wide ranges, none of them stopped early. Prints a
# Markdown table of the lowest loss that each found. Usage: tools/benchmarks/random-grid.sh DATA [SEEDS]
# where DATA is the folder of the test data (models/, pictures/); every seed divides the pictures in its own way.
set -euo pipefail

data=$(cd "${1:?give the folder of the test data (models/, pictures/)}" && pwd)
seeds=${2:-"1 2 3 4 5"}
model=${MODEL:-mbv2-w0.35-128.fp32}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
# Four settings, three values of each on the grid: 81 trials.
cat >"$work/ranges.yaml" <<'YAML'
trials: 81
halving: 1
rounds: 0
repeats: 1
ranges:
  optimizer.learningRate: {from: 0.00001, to: 10, scale: log}
  regularization.l2: {from: 0.00001, to: 1, scale: log}
  noise.dropout: {from: 0, to: 0.8}
  augment.plain: {from: 0, to: 1}
YAML
printf 'epochs: 20\nsplit: {by: picture, validation: 0.1, test: 0.5}\n' >"$work/settings.yaml"

for set in sign-digits/Dataset trashnet-small/data/dataset-resized; do
    folder=$work/${set%%/*}
    # Thirty pictures a label: what such a search is for.
    for label in "$data/pictures/$set"/*/; do
        mkdir -p "$folder/$(basename "$label")"
        find "$label" -maxdepth 1 -type f | sort | sed -n 1,30p | xargs ln -sf -t "$folder/$(basename "$label")"
    done
    for seed in $seeds; do
        for search in random grid; do
            out=$work/${set%%/*}+$search+$seed
            [ -s "$out.json" ] || {
                "$here/tools/fieldfare" tune -m "$data/models/$model.onnx" --card "$here/tools/benchmarks/cards/$model.yaml" \
                    -d "$folder" -o "$out" --ranges "$work/ranges.yaml" -c "$work/settings.yaml" --train last \
                    --average none --search "$search" --seed "$seed" --json >"$out.part" 2>"$out.log"
                mv "$out.part" "$out.json"
            }
        done
    done
done

python3 - "$work" <<'PYTHON'
import glob, json, os, statistics, sys

lowest = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.json"))):
    name, search, seed = os.path.basename(path)[:-len(".json")].split("+")
    trials = [t for t in json.load(open(path))["trials"] if t["phase"] == "coarse" and t["candidate"] > 0]
    lowest[name, search, seed] = min(t["loss"] for t in trials if not t["diverged"])
print("| pictures | random, mean of the lowest losses | grid | difference, and its standard error | random is lower |")
print("|---|---:|---:|---:|---:|")
for name in sorted({key[0] for key in lowest}):
    seeds = sorted({key[2] for key in lowest if key[0] == name})
    random, grid = ([lowest[name, search, seed] for seed in seeds] for search in ("random", "grid"))
    differences = [r - g for r, g in zip(random, grid)]
    error = statistics.stdev(differences) / len(seeds) ** 0.5 if len(seeds) > 1 else float("nan")
    print(f"| {name} | {statistics.mean(random):.4f} | {statistics.mean(grid):.4f} "
          f"| {statistics.mean(differences):+.4f} ± {error:.4f} "
          f"| {sum(r < g for r, g in zip(random, grid))} of {len(seeds)} |")
PYTHON
