#!/usr/bin/env python3
"""How well calibrated retrained models are, and how often they answer unknown to what they know and to what they do not.

    tools/benchmarks/unknown.py DATA [SEEDS]

DATA is the folder of the test data (models/, pictures/); SEEDS how many, 3 by default. Each seed leaves out two labels of a
set and draws other pictures of the rest: 30 of each label to train on, 5 to say when to stop, 25 held back for temperature
and limit, and 25 that the training never sees, on which everything here is measured. Foreign are pictures of the two labels
left out, of the other set, and photographs of other things. Prints Markdown tables; goes on where it was if WORK names a
folder.
"""

import collections
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.abspath(sys.argv[1])
SEEDS = range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 3))
WORK = os.environ.get("WORK") or tempfile.mkdtemp()
SETS = {"trashnet": "trashnet-small/data/dataset-resized", "sign-digits": "sign-digits/Dataset"}
MCUNET = ["-m", os.path.join(DATA, "models/mcunet-5fps-128.fp32.onnx"), "--card",
          os.path.join(HERE, "tools/benchmarks/cards/mcunet-5fps-128.fp32.yaml")]
NETWORKS = {"MCUNet, last layer": (MCUNET, "last"), "MCUNet, 2 blocks": (MCUNET, "blocks:2"),
            "shipped network, last layer": (["-m", os.path.join(HERE, "models/cifar10-64.onnx")], "last")}
PARTS = (("train", 0, 30), ("val", 30, 35), ("test", 35, 60), ("fresh", 60, 85))


def labels(name):
    source = os.path.join(DATA, "pictures", SETS[name])
    return [label for label in sorted(os.listdir(source)) if os.path.isdir(os.path.join(source, label))]


def files(name, label, seed):
    source = os.path.join(DATA, "pictures", SETS[name], label)
    found = [os.path.join(source, file) for file in sorted(os.listdir(source))]
    random.Random(f"{label} {seed}").shuffle(found)
    return found


def link(chosen, folder):
    os.makedirs(folder, exist_ok=True)
    for i, file in enumerate(chosen):
        if not os.path.lexists(os.path.join(folder, f"{i}.jpg")):
            os.symlink(file, os.path.join(folder, f"{i}.jpg"))


def pictures(name, seed):
    """A folder of links: train, val, test, fresh, and what is foreign."""
    folder = os.path.join(WORK, f"{name}+{seed}")
    out = random.Random(f"{name} {seed}").sample(labels(name), 2)
    for label in labels(name):
        found = files(name, label, seed)
        if label in out:
            link(found[:50], os.path.join(folder, "left-out", label))
            continue
        for part, start, end in PARTS:
            link(found[start:end], os.path.join(folder, "fresh" if part == "fresh" else f"set/{part}", label))
    other = next(each for each in SETS if each != name)
    for label in labels(other):
        link(files(other, label, seed)[:20], os.path.join(folder, "other", label))
    photographs = os.path.join(DATA, "pictures/coral-images")
    link([os.path.join(photographs, file) for file in sorted(os.listdir(photographs)) if file.endswith(".jpg")],
         os.path.join(folder, "photographs"))
    return folder


def run(arguments, out):
    if not os.path.exists(out):
        done = subprocess.run([os.path.join(HERE, "tools/fieldfare"), *arguments, "--json"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(" ".join(arguments) + "\n" + done.stderr)
        with open(out, "w") as file:
            file.write(done.stdout)
    with open(out) as file:
        return [json.loads(line) for line in file] if arguments[0] == "classify" else [json.load(file)]


def area(known, foreign):
    """The probability that a foreign picture has the larger number (area under the ROC curve)."""
    return sum((f > k) + (f == k) / 2 for k in known for f in foreign) / (len(known) * len(foreign))


calibration = collections.defaultdict(lambda: collections.defaultdict(list))
unknown = collections.defaultdict(lambda: collections.defaultdict(list))
for network, (options, train) in NETWORKS.items():
    for name in SETS:
        average = "crops:5" if name == "sign-digits" else "crops:5+flip"
        for seed in SEEDS:
            folder = pictures(name, seed)
            for calibrate in (False, True):
                out = os.path.join(folder, f"{network} {calibrate}".replace(" ", "_").replace(",", ""))
                with open(out + ".yaml", "w") as file:
                    json.dump({"calibrate": calibrate, "average": average,
                               "augment": {"strengths": {"flip": 0.5 if "flip" in average else 0}}}, file)
                run(["retrain", *options, "-d", os.path.join(folder, "set"), "-o", out, "-c", out + ".yaml", "--train", train,
                     "--seed", str(seed)], out + ".json")
                model = os.path.join(out, "model.onnx")
                for way in ("none", average, "auto"):
                    measured = run(["evaluate", "-m", model, "-d", os.path.join(folder, "fresh"), "--average", way],
                                   f"{out}.{way}.json")[0]
                    row = calibration[network, "averaged" if way == average else way]
                    row[calibrate].append((measured["loss"], measured["ece"], measured["accuracy"]))
            seen = {part: run(["classify", "-m", model, os.path.join(folder, part), "--average", "none"], f"{out}.{part}.json")
                    for part in ("fresh", "left-out", "other", "photographs")}
            for part, lines in seen.items():
                row = unknown[network, part]
                row["unknown"].append(statistics.mean(line["unknown"] for line in lines))
                for score, of in (("probability", lambda line: -line["probability"]), ("entropy", lambda line: line["entropy"]),
                                  ("distance", lambda line: line["distance"])):
                    row[score].append(area([of(line) for line in seen["fresh"]], [of(line) for line in lines]))

print(f"\nCalibration, means over both sets and {len(SEEDS)} seeds\n")
print("| network | looks | accuracy | loss | calibrated | calibration error | calibrated |")
print("|---|---|---:|---:|---:|---:|---:|")
for (network, way), row in calibration.items():
    mean = {flag: [statistics.mean(figures) for figures in zip(*row[flag])] for flag in (False, True)}
    print(f"| {network} | {way} | {100 * mean[True][2]:.1f} % | {mean[False][0]:.3f} | {mean[True][0]:.3f} | "
          f"{mean[False][1]:.3f} | {mean[True][1]:.3f} |")
print("\nUnknown: in brackets the lowest and highest of the runs\n")
print("| network | pictures | answered unknown | by probability | by entropy | by distance |")
print("|---|---|---:|---:|---:|---:|")
for (network, part), row in unknown.items():
    shares = [100 * share for share in row["unknown"]]
    areas = ["" if part == "fresh" else f"{statistics.mean(row[score]):.2f}" for score in ("probability", "entropy", "distance")]
    if part != "fresh":
        areas[2] += f" ({min(row['distance']):.2f} to {max(row['distance']):.2f})"
    print(f"| {network} | {'known' if part == 'fresh' else part} | {statistics.mean(shares):.1f} % ({min(shares):.1f} to "
          f"{max(shares):.1f}) | " + " | ".join(areas) + " |")
