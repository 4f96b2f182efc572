#!/bin/sh
# Whether the memory of a running device stays flat: shows it so many frames, as fast as the camera may be asked for.
#
#   tools/benchmarks/endurance.sh [FRAMES]
#
# FRAMES is 288000 by default, eight hours of ten frames a second, which takes 20 minutes. The frames are drawn pictures of
# small parts, shown over and over; each is looked at, and decided on; those that the model is unsure of are kept. Prints
# a Markdown table of the resident memory of the process (VmRSS, in MB) by the number of frames.
set -eu
frames=${1:-288000}
home=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'kill "$device" 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/pictures.yaml" <<'YAML'
data: pictures
cameras: {bench: {source: "simulated:evening", framesPerSecond: 60, settle: 0s}}
classifiers: {parts: {model: shipped, collect: {interval: 0s}}}
YAML
"$home/tools/fieldfare" capture -c "$work/pictures.yaml" --label parts -n 100 >/dev/null
cat >"$work/device.yaml" <<YAML
data: data
cameras: {bench: {source: "loop:$work/pictures/pictures/parts/parts", framesPerSecond: 240, settle: 0s}}
classifiers: {parts: {model: shipped, average: none, collect: {every: 1s, most: 2M}}}
YAML
"$home/tools/fieldfare" run -c "$work/device.yaml" 2>"$work/log" &
device=$!

echo "| frames | MB |"
echo "|---:|---:|"
seen=0
while [ "$seen" -lt "$frames" ]; do
    sleep 30
    seen=$("$home/tools/fieldfare" status -c "$work/device.yaml" --json | sed 's/.*"looks":\([0-9]*\).*/\1/')
    awk -v seen="$seen" '/^VmRSS/ { printf "| %d | %.1f |\n", seen, $2 / 1024 }' "/proc/$device/status"
done
kill "$device"
wait "$device"
