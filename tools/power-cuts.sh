#!/bin/sh
# Pulls the plug: kills the real program, with its child that trains, at so many random instants, and looks after each
# whether anything is lost; then looks at many thousand states that a disk may be in after a power cut. See "Reliability".
# The same seed draws the same instants; what happens at them depends on the machine.
#
#   tools/power-cuts.sh [CUTS [SEED]]       by default 300 cuts, seed 1: about an hour
#
# What it did is in target/power-cuts.txt.
set -eu
cd "$(dirname "$0")/.."
mvn -q -B -Dtest='PowerCutsTest,*PowerCutTest' -Dfieldfare.powerCuts="${1:-300}" -Dfieldfare.powerCuts.seed="${2:-1}" \
    -Dfieldfare.powerCuts.states=40 test
cat target/power-cuts.txt
