#!/bin/sh
# Runs inside tools/pi-in-a-box: every check whose name matches the pattern, each in a line; the log of one that failed
# follows it. /app holds the installed program, the tests, pictures and what the machine that built all this found.
. /app/checks
fieldfare=/app/fieldfare/bin/fieldfare
model=/app/fieldfare/models/cifar10-64.onnx

the_launcher_finds_java() {
    $fieldfare --version
}

# The same labels as on the machine that built it, and the same probabilities but for rounding.
classify_agrees() {
    $fieldfare classify --json --average none -m $model /app/pictures/sample >/tmp/classified
    test "$(wc -l </tmp/classified)" = "$(wc -l </app/classified)"
    while read -r ours <&3 && read -r theirs <&4; do
        echo "$ours" >/tmp/ours
        echo "$theirs" >/tmp/theirs
        echo "$(value source /tmp/ours): $(value label /tmp/ours) $(value probability /tmp/ours)," \
            "elsewhere $(value label /tmp/theirs) $(value probability /tmp/theirs)"
        test "$(value label /tmp/ours)" = "$(value label /tmp/theirs)"
        awk -v a="$(value probability /tmp/ours)" -v b="$(value probability /tmp/theirs)" \
            'BEGIN { exit !(a - b < 1e-4 && b - a < 1e-4) }'
    done 3</tmp/classified 4</app/classified
}

retrain_stays_in_its_budget() {
    $fieldfare retrain --json -m $model -d /app/pictures/train -o /tmp/trained --train last --epochs 3 \
        -c /app/fieldfare/device-config/small-budget.yaml >/tmp/trained.json
    budget=$(value budgetBytes /tmp/trained.json)
    peak=$(value peakBytes /tmp/trained.json)
    echo "peak $peak of $budget bytes"
    test "$peak" -gt 0
    test "$peak" -le "$budget"
    $fieldfare classify --json --average none -m /tmp/trained/model.onnx /app/pictures/sample >/tmp/after
    test "$(wc -l </tmp/after)" = "$(wc -l </app/classified)"
}

# The tests against the kernel's devices, as root, in one JVM.
kernel_tests() {
    exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \
        -Djava.awt.headless=true -cp "/app/tests/classes:/app/fieldfare/lib/fieldfare.jar:/app/tests/lib/*" \
        org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=tree \
        --config junit.jupiter.execution.timeout.default=60s --config junit.jupiter.execution.timeout.threaddump.enabled=true \
        --fail-if-no-tests --scan-classpath=/app/tests/classes --include-classname="dev[.]fieldfare[.]$1[.].*KernelTest"
}

# As systemd starts a service with Delegate=yes: alone in a control group.
memory_of_retraining_is_limited() {
    echo +memory >/sys/fs/cgroup/cgroup.subtree_control
    mkdir /sys/fs/cgroup/fieldfare
    echo 0 >/sys/fs/cgroup/fieldfare/cgroup.procs
    kernel_tests service
}

# The kernel's camera, through the whole program.
classify_looks_through_the_camera() {
    $fieldfare classify --json --frames 3 -m $model usb >/tmp/seen
    cat /tmp/seen
    test "$(wc -l </tmp/seen)" = 3
}

# Who is in no group that may open the camera.
strangers_are_told_the_group() {
    if setpriv --reuid=65534 --regid=65534 --clear-groups $fieldfare classify -m $model /dev/video0 2>/tmp/refused; then
        return 1
    fi
    cat /tmp/refused
    grep -q 'sudo usermod -aG video' /tmp/refused
}

has_pictures() {
    test "$(find /tmp/device/data -name '*.jpg' -o -name '*.png' | wc -l)" -ge "$1"
}

# A device as a hobbyist writes it: the status light goes on when the camera sees, a press of the button takes pictures
# for a label, and told to stop it ends properly, with the light off.
device_watches_and_learns() {
    mkdir /tmp/device
    cat >/tmp/device/device.yaml <<'END'
cameras: {front: {source: usb, width: 320, height: 240, framesPerSecond: 5}}
classifiers: {parts: {model: shipped, collect: {burst: 3}}}
buttons: [{pin: GPIO17, press: label nut}]
statusLight: GPIO22
END
    $fieldfare run -c /tmp/device/device.yaml &
    device=$!
    trap 'kill $device' EXIT
    eventually level_is 22 1
    echo pull-down >"$GPIO_SIM/sim_gpio17/pull"
    eventually has_pictures 3
    trap - EXIT
    echo pull-up >"$GPIO_SIM/sim_gpio17/pull"
    find /tmp/device/data
    kill $device
    wait $device || status=$?
    echo "ended with ${status:=0}"
    test "$status" = 0 || test "$status" = 143
    level_is 22 0
}

check launcher the_launcher_finds_java
check classify classify_agrees
check retrain retrain_stays_in_its_budget
check limit memory_of_retraining_is_limited
check camera kernel_tests camera
check camera-classify classify_looks_through_the_camera
check camera-refused strangers_are_told_the_group
check gpio kernel_tests gpio
check device device_watches_and_learns
summary
