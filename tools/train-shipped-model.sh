#!/bin/sh
# Trains the network that ships in models/ from nothing, with Fieldfare itself:
#
#     tools/train-shipped-model.sh PICTURES WORK
#
# PICTURES is a folder of labelled folders, the training part of CIFAR-10 as files (FOLDER/airplane/*.jpg and so on);
# WORK is made, and holds cifar10-64.onnx and report.html in the end. Copying that model to models/ is left to whoever has
# looked at the report. About forty minutes on two cores that have nothing else to do.
set -eu

if [ $# -ne 2 ]; then
    echo "Usage: tools/train-shipped-model.sh PICTURES WORK" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$2"
# The launcher builds the program where it is missing, and has found a Java that is new enough.
java=$(FIELDFARE_JAVA_OPTIONS=-XshowSettings:properties "$here/tools/fieldfare" --version 2>&1 |
    sed -n 's/^ *java\.home = //p')
"$java/bin/java" -cp "$here/target/fieldfare.jar" "$here/tools/UntrainedModel.java" "$2/untrained.onnx" 7
"$here/tools/fieldfare" retrain -m "$2/untrained.onnx" -d "$1" -o "$2" -c "$here/tools/shipped-model.yaml" --budget 512M
# The normalizations become part of the convolutions.
"$here/tools/fieldfare" models export -m "$2/model.onnx" -o "$2/cifar10-64.onnx"
