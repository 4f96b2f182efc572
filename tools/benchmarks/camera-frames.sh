#!/usr/bin/env bash
# Times the way from a camera's frame to a model's tensor: in one pass, and by decoding, scaling and copying. Prints a
# Markdown table of medians; all ways take turns in one process, which has the launcher's limits.
# Usage: tools/benchmarks/camera-frames.sh
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
java=$(FIELDFARE_JAVA_OPTIONS=-XshowSettings:properties "$here/tools/fieldfare" --version 2>&1 |
    sed -n 's/^ *java\.home = //p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$java/bin/javac" -cp "$here/target/fieldfare.jar" -d "$work" "$here/tools/FrameToTensor.java"
"$java/bin/java" -Xmx32m -Xms8m -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -XX:TieredStopAtLevel=1 \
    -Djava.awt.headless=true -cp "$work:$here/target/fieldfare.jar" FrameToTensor
