#!/usr/bin/env python3
"""What noise, penalties and ensembles do for a classifier with ten pictures a class.

    tools/benchmarks/noise.py DATA [SEEDS]

DATA is the folder of the test data (models/, pictures/); SEEDS how many, 3 by default. Each seed draws other pictures:
10 of each label to train on, 5 to say when to stop, up to 50 to measure on. Prints Markdown tables; goes on where it was
if WORK names a folder. TABLES picks some of: last, deep, ensembles.
"""

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
MODEL = "mcunet-5fps-128.fp32"
SETS = {"trashnet": "trashnet-small/data/dataset-resized", "sign-digits": "sign-digits/Dataset"}

# Everything off but early stopping, so that each line changes one thing.
PLAIN = {"epochs": 60, "average": "none", "augment": {"views": 0, "strengths": {"crop": 0, "flip": 0}},
         "regularization": {"l2": 0}}
VIEWS = {"views": 8, "plain": 0.2}
ALL_EPOCHS = {"earlyStopping": {"patience": 0, "weights": "last", "refit": False}}
LAST = {
    "nothing": {},
    "without early stopping": ALL_EPOCHS,
    "l2 0.005": {"regularization": {"l2": 0.005}},
    "l1 0.001": {"regularization": {"l1": 0.001}},
    "l1 0.001 and l2 0.005": {"regularization": {"l1": 0.001, "l2": 0.005}},
    "weight decay 0.05": {"regularization": {"weightDecay": 0.05}},
    "max-norm 1": {"regularization": {"maxNorm": 1}},
    "label smoothing 0.1": {"regularization": {"labelSmoothing": 0.1}},
    "dropout 0.5": {"noise": {"dropout": 0.5}},
    "DropConnect 0.5": {"noise": {"dropConnect": 0.5}},
    "mixup of features 0.4": {"augment": {"strengths": {"featureMixup": 0.4}}},
    "crop 0.2": {"augment": {**VIEWS, "strengths": {"crop": 0.2}}},
    "crop by area 0.5": {"augment": {**VIEWS, "strengths": {"resizedCrop": 0.5}}},
    "mirror": {"augment": {**VIEWS, "strengths": {"flip": 0.5}}},
    "turn 15": {"augment": {**VIEWS, "strengths": {"rotate": 15}}},
    "colours 0.3": {"augment": {**VIEWS, "strengths": {"colour": 0.3}}},
    "cutout 0.3": {"augment": {**VIEWS, "strengths": {"cutout": 0.3}}},
    "the defaults": {"regularization": {"l2": 0.005},
                     "augment": {"views": 4, "plain": 0.5, "strengths": {"crop": 0.2, "flip": 0.5}}},
}
FRESH = {"suffix": {"inputs": "fresh"}}
DEEP = {
    "nothing": {},
    "without early stopping": ALL_EPOCHS,
    "l2 0.005": {"regularization": {"l2": 0.005}},
    "weight decay 0.05": {"regularization": {"weightDecay": 0.05}},
    "max-norm 1": {"regularization": {"maxNorm": 1}},
    "label smoothing 0.1": {"regularization": {"labelSmoothing": 0.1}},
    "stochastic depth 0.3": {"noise": {"stochasticDepth": 0.3}},
    "dropout 0.3 before all layers": {"noise": {"dropout": 0.3, "dropoutBefore": ["all"]}},
    "mixup 0.3": {**FRESH, "augment": {"strengths": {"mixup": 0.3}}},
    "CutMix 1": {**FRESH, "augment": {"strengths": {"cutmix": 1}}},
}


def merged(below, over):
    result = dict(below)
    for key, value in over.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and key in result else value
    return result


def pictures(name, seed):
    """A folder of links, divided for this seed."""
    folder = os.path.join(WORK, f"{name}+{seed}")
    if not os.path.isdir(folder):
        source = os.path.join(DATA, "pictures", SETS[name])
        for label in sorted(os.listdir(source)):
            if not os.path.isdir(os.path.join(source, label)):
                continue
            files = sorted(os.listdir(os.path.join(source, label)))
            random.Random(f"{label} {seed}").shuffle(files)
            for part, chosen in (("train", files[:10]), ("val", files[10:15]), ("test", files[15:65])):
                target = os.path.join(folder, part, label)
                os.makedirs(target)
                for file in chosen:
                    os.symlink(os.path.join(source, label, file), os.path.join(target, file))
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
        return json.load(file)


def retrain(name, seed, train, settings, key):
    out = os.path.join(WORK, f"{name}+{seed}+{train}+{key}".replace(" ", "_").replace(":", "_"))
    with open(out + ".yaml", "w") as file:
        json.dump(settings, file)
    report = run(["retrain", "-m", os.path.join(DATA, "models", MODEL + ".onnx"), "--card",
                  os.path.join(HERE, "tools/benchmarks/cards", MODEL + ".yaml"), "-d", pictures(name, seed), "-o", out,
                  "-c", out + ".yaml", "--train", train, "--seed", str(seed)], out + ".json")
    return report, out


def table(title, train, lines):
    print(f"\n{title}\n")
    print("| " + " | ".join(["", *(f"{name}" for name in SETS)]) + " |")
    print("|---" + "|---:" * len(SETS) + "|")
    base = {}
    for key, change in lines.items():
        cells = []
        for name in SETS:
            figures = [retrain(name, seed, train, merged(PLAIN, change), key)[0]["test"]["accuracy"] for seed in SEEDS]
            base.setdefault(name, figures)
            gains = [100 * (now - before) for now, before in zip(figures, base[name])]
            spread = f" ({min(gains):+.1f} to {max(gains):+.1f})" if figures is not base[name] else ""
            cells.append(f"{100 * statistics.mean(figures):.1f} %{spread}")
        print("| " + " | ".join([key, *cells]) + " |", flush=True)


def ensembles():
    print("\nEnsembles of last layers with the default settings, by bootstrap and by snapshots\n")
    print("| members | by | trashnet | sign-digits | calibration error | bytes | ms a picture |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for by in ("bootstrap", "seeds", "snapshots"):
        for members in (1, 3, 5, 10):
            if members == 1 and by != "bootstrap":
                continue
            cells, errors, millis, size = [], [], [], 0
            for name in SETS:
                figures = []
                for seed in SEEDS:
                    settings = {"average": "none", "ensemble": {"members": members, "by": by}}
                    report, out = retrain(name, seed, "last", settings, f"{by} {members}")
                    measured = run(["evaluate", "-m", out + "/model.onnx", "-d", pictures(name, seed), "--average",
                                    "none"], out + ".evaluated")
                    figures.append(measured["accuracy"])
                    errors.append(measured["ece"])
                    millis.append(1000 * measured["seconds"] / measured["images"])
                    size = os.path.getsize(out + "/model.onnx")
                cells.append(f"{100 * statistics.mean(figures):.1f} %")
            print(f"| {members} | {by if members > 1 else ''} | {cells[0]} | {cells[1]} | {statistics.mean(errors):.3f} "
                  f"| {size:,} | {statistics.median(millis):.1f} |", flush=True)


os.makedirs(WORK, exist_ok=True)
TABLES = os.environ.get("TABLES", "last deep ensembles").split()
if "last" in TABLES:
    table("The last layer alone", "last", LAST)
if "deep" in TABLES:
    table("The last three blocks", "blocks:3", DEEP)
if "ensembles" in TABLES:
    ensembles()
