#!/usr/bin/env python3
"""Which distance from training pictures tells foreign pictures best, on the features of two networks.

    tools/benchmarks/distances.py DATA

needs numpy, onnx, onnxruntime and Pillow. DATA is the folder of the test data. Two labels of a set are left out, five draws;
10 or 100 pictures of each other label make the statistics, up to 40 more are the known ones. Prints the area under the ROC
curve, and the share beyond the limit that 99 % of half of the known pictures stay within, as a Markdown table.
"""

import collections
import glob
import os
import random
import sys

import numpy
import onnx
import onnxruntime
from PIL import Image

DATA = sys.argv[1]
SETS = {"trashnet": "trashnet-small/data/dataset-resized", "sign-digits": "sign-digits/Dataset"}
NETWORKS = {"mcunet-5fps-128.fp32": (128, 127.5), "mobilenet_v2_1.0_224_quant.fp32": (224, 128)}
generator = numpy.random.default_rng(0)


def network(name):
    """A function from a picture, [size x size x 3], to the features before its last layer."""
    model = onnx.load(os.path.join(DATA, "models", name + ".onnx"))
    features = [node for node in model.graph.node if node.op_type in ("Gemm", "MatMul", "Conv")][-1].input[0]
    model.graph.output.append(onnx.helper.make_tensor_value_info(features, 1, None))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    scale = NETWORKS[name][1]

    def look(picture):
        chw = (numpy.asarray(picture, numpy.float32) / scale - 1).transpose(2, 0, 1)[None]
        row = session.run([features], {session.get_inputs()[0].name: chw})[0]
        return row.reshape(row.shape[1], -1).mean(1)

    return look


def load(file, size):
    picture = Image.open(file).convert("RGB")
    ratio = size / min(picture.size)
    picture = picture.resize([max(size, round(side * ratio)) for side in picture.size], Image.BILINEAR)
    left, top = [(side - size) // 2 for side in picture.size]
    return picture.crop((left, top, left + size, top + size))


def synthetic(size):
    """Plain colours, noise, blocks and clouds, 15 of each."""
    for _ in range(15):
        yield numpy.full((size, size, 3), generator.integers(0, 256, 3))
        yield generator.integers(0, 256, (size, size, 3))
        yield numpy.kron(generator.integers(0, 256, (4, 4, 3)), numpy.ones((size // 4, size // 4, 1)))
        clouds = numpy.uint8(numpy.clip(60 * generator.normal(size=(8, 8, 3)) + 128, 0, 255))
        yield Image.fromarray(clouds).resize((size, size), Image.BICUBIC)


def labelled(name, size, look):
    rows, truth = [], []
    folders = [folder for folder in sorted(glob.glob(os.path.join(DATA, "pictures", SETS[name], "*"))) if os.path.isdir(folder)]
    for index, folder in enumerate(folders):
        files = sorted(os.listdir(folder))
        random.Random(index).shuffle(files)
        for file in files[:150]:
            rows.append(look(load(os.path.join(folder, file), size)))
            truth.append(index)
    return numpy.array(rows, float), numpy.array(truth)


def area(known, foreign):
    ranks = numpy.argsort(numpy.argsort(numpy.concatenate([known, foreign])))[len(known):]
    return (ranks.sum() - len(foreign) * (len(foreign) - 1) / 2) / len(known) / len(foreign)


def scaled(rows):
    return rows / numpy.sqrt((rows ** 2).mean(1, keepdims=True))


table = collections.defaultdict(lambda: collections.defaultdict(list))
for name, (size, _) in NETWORKS.items():
    look = network(name)
    features = {each: labelled(each, size, look) for each in SETS}
    foreign = {"synthetic": numpy.array([look(picture) for picture in synthetic(size)], float)}
    photographs = [file for file in sorted(glob.glob(os.path.join(DATA, "pictures/coral-images/*")))
                   if file.endswith((".jpg", ".bmp"))]
    foreign["photographs"] = numpy.array([look(load(file, size)) for file in photographs], float)
    for inside in SETS:
        rows, truth = features[inside]
        foreign["other set"] = features[next(each for each in SETS if each != inside)][0]
        for count in (10, 100):
            for _ in range(5):
                out = generator.choice(truth.max() + 1, 2, replace=False)
                foreign["left out"] = rows[numpy.isin(truth, out)]
                train, known = [], []
                for label in set(range(truth.max() + 1)) - set(out.tolist()):
                    order = generator.permutation(numpy.where(truth == label)[0])
                    train += list(order[:count])
                    known += list(order[count:count + 40])
                order = generator.permutation(len(known))
                for form, change in (("as they are", lambda each: each), ("scaled", scaled)):
                    learnt, labels = change(rows[train]), truth[train]
                    means = numpy.array([learnt[labels == label].mean(0) for label in sorted(set(labels))])
                    own = means[numpy.searchsorted(sorted(set(labels)), labels)]
                    within = ((learnt - own) ** 2).sum(0) / (len(train) - len(means))
                    within = within + 0.01 * within.mean()
                    overall = learnt.var(0) + 0.01 * learnt.var(0).mean()

                    def parts(some):
                        some = change(some)
                        return (numpy.min([((some - mean) ** 2 / within).mean(1) for mean in means], 0),
                                ((some - learnt.mean(0)) ** 2 / overall).mean(1))

                    seen = {part: parts(each) for part, each in {**foreign, "known": rows[known]}.items()}
                    for share in (0, 0.25, 0.5, 0.7, 0.8, 0.9, 1):
                        distance = {part: nearest - share * common for part, (nearest, common) in seen.items()}
                        held, fresh = distance["known"][order[::2]], distance["known"][order[1::2]]
                        limit = numpy.sort(held)[min(len(held), int(numpy.ceil((len(held) + 1) * 0.99))) - 1]
                        for part in (*foreign, "known"):
                            here = fresh if part == "known" else distance[part]
                            table[form, share][part].append((area(fresh, here), (here > limit).mean()))

columns = ["left out", "other set", "photographs", "synthetic"]
print("| features | share | " + " | ".join(columns) + " | known beyond the limit |")
print("|---|---:|" + "---:|" * (len(columns) + 1))
for (form, share), row in table.items():
    mean = {part: numpy.mean(values, 0) for part, values in row.items()}
    print(f"| {form} | {share} | " + " | ".join(f"{mean[part][0]:.2f} ({100 * mean[part][1]:.0f} %)" for part in columns)
          + f" | {100 * mean['known'][1]:.1f} % |")
