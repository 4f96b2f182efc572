#!/bin/sh
# Runs inside tools/pi-in-a-box service, in Debian with its own systemd: the package is installed as anyone would install
# it, and the service is met by the system that it was written for. /app holds the package and pictures.
. /app/checks
unit=fieldfare.service
config=/etc/fieldfare/device.yaml
data=/var/lib/fieldfare
group=/sys/fs/cgroup/system.slice/$unit

property() {
    systemctl show -P "$1" "$unit"
}

property_is() {
    test "$(property "$1")" = "$2"
}

log_says() {
    journalctl -u $unit --no-pager -o cat | grep -q -e "$1"
}

it_is_installed() {
    dpkg -i /app/fieldfare.deb
    dpkg -s fieldfare | grep -q '^Status: install ok installed$'
    id fieldfare
    fieldfare --version
    test -n "$(find /var/cache/fieldfare -name '*.aot' -size +1M)"
    test "$(stat -c '%U %a' /var/cache/fieldfare "$data" | tr '\n' ' ')" = 'root 755 fieldfare 770 '
    # It was installed, not started: nobody has said yet which camera there is.
    test "$(systemctl is-enabled $unit)" = disabled
    property_is ActiveState inactive
}

everyone_can_use_it() {
    setpriv --reuid=65534 --regid=65534 --clear-groups fieldfare run -c $config --check
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp \
        fieldfare classify --json -m /usr/share/fieldfare/models/cifar10-64.onnx simulated:day --frames 1 >/tmp/seen
    cat /tmp/seen
    grep -q '"label"' /tmp/seen
}

the_unit_is_well_formed() {
    # There are no manual pages in this machine.
    systemd-analyze verify --man=no $unit
    systemd-analyze security --no-pager $unit | tail -n 1
    # 0 is best, 10 is worst; "exposed" begins above 5.
    systemd-analyze security --threshold=25 --no-pager $unit >/dev/null
}

# From here on it is a device with the virtual camera and pins. Seconds are long in an emulated machine.
configure_the_device() {
    cat >$config <<'YAML'
data: /var/lib/fieldfare
cameras: {front: {source: usb, width: 320, height: 240, framesPerSecond: 5}}
classifiers:
  parts:
    model: shipped
    average: none
    looksPerSecond: 2
    collect: {burst: 3}
    retrain: {training: {train: last, epochs: 2, budget: 160M, threads: 1, average: none, augment: {views: 1}}}
buttons: [{pin: GPIO17, press: label nut}]
statusLight: GPIO22
YAML
    mkdir -p /etc/systemd/system/$unit.d
    printf '[Service]\nWatchdogSec=60\n' >/etc/systemd/system/$unit.d/box.conf
    systemctl daemon-reload
}

# Type=notify: "systemctl start" comes back when the service has said that it is ready, and not before.
it_starts_and_says_so() {
    configure_the_device
    systemctl enable --now $unit
    property_is ActiveState active
    property_is NRestarts 0
    log_says 'fieldfare is running; pictures and models are in /var/lib/fieldfare'
    test "$(ps -o user= -p "$(property MainPID)")" = fieldfare
    # Camera and pins, through the walls that the unit puts up.
    eventually level_is 22 1
    echo pull-down >"$GPIO_SIM/sim_gpio17/pull"
    eventually has_pictures nut 3
    echo pull-up >"$GPIO_SIM/sim_gpio17/pull"
    eventually status_tells_of_the_camera
    systemctl status --no-pager $unit
}

has_pictures() {
    test "$(find "$data/pictures/parts/$1" -name '*.jpg' | wc -l)" -ge "$2"
}

status_tells_of_the_camera() {
    property StatusText | grep -q front
}

# Members of the group give orders, others do not.
the_group_gives_orders() {
    setpriv --reuid=65534 --regid="$(id -g fieldfare)" --clear-groups fieldfare status -c $config
    if setpriv --reuid=65534 --regid=65534 --clear-groups fieldfare status -c $config; then return 1; fi
}

# The control group that systemd gave over is divided, and retraining held to its part of it.
retraining_has_a_limit() {
    if log_says 'sets no memory limit'; then return 1; fi
    for label in /app/pictures/train/*; do
        install -d -o fieldfare -g fieldfare "$data/pictures/parts/${label##*/}"
        install -o fieldfare -g fieldfare -m 640 "$label"/* "$data/pictures/parts/${label##*/}/"
    done
    rm -r "$data/pictures/parts/nut"/2*
    fieldfare tell -c $config retrain
    eventually in_group training
    # The budget, an eighth of it and 32 MiB.
    test "$(cat $group/training/memory.max)" = $(((160 + 20 + 32) * 1048576))
    test "$(cat $group/training/memory.swap.max)" = 0
    grep -q "^$(property MainPID)\$" $group/device/cgroup.procs
    eventually first_to_go
    eventually log_says 'retraining promoted: version 0001'
    eventually log_says 'looks with 0001 now'
}

first_to_go() {
    test "$(cat /proc/"$(head -n 1 $group/training/cgroup.procs)"/oom_score_adj)" = 900
}

in_group() {
    test -n "$(cat $group/"$1"/cgroup.procs)"
}

# What wants more than its limit is ended by the kernel. Neither the kernel nor systemd takes the device with it.
only_retraining_is_ended() {
    pid=$(property MainPID)
    fieldfare tell -c $config retrain
    eventually in_group training
    echo 40M >$group/training/memory.max
    eventually log_says 'needed more memory than its limit'
    property_is ActiveState active
    property_is MainPID "$pid"
    property_is NRestarts 0
    level_is 22 1
}

# Who does nothing any more is ended and started anew.
the_watchdog_bites() {
    pid=$(property MainPID)
    kill -STOP "$pid"
    eventually property_is NRestarts 1
    eventually property_is ActiveState active
    test "$(property MainPID)" != "$pid"
    log_says 'Watchdog timeout'
    eventually level_is 22 1
}

# Killed from outside, it comes back as well; with what it has learnt.
it_comes_back() {
    kill -KILL "$(property MainPID)"
    eventually property_is NRestarts 2
    eventually property_is ActiveState active
    eventually level_is 22 1
    fieldfare status -c $config
    fieldfare status --json -c $config | grep -q 0001
}

# A newer package: what runs goes on with the new program. Another Java: another cache.
upgrades_and_other_javas() {
    before=$(property MainPID)
    caches=$(ls /var/cache/fieldfare)
    dpkg -i /app/fieldfare.deb
    property_is ActiveState active
    test "$(property MainPID)" != "$before"
    rm /var/cache/fieldfare/*
    dpkg-trigger --no-await --by-package=openjdk-25-jre-headless /usr/lib/jvm
    dpkg --triggers-only --pending
    test "$(ls /var/cache/fieldfare)" = "$caches"
}

it_stops_properly() {
    eventually level_is 22 1
    systemctl stop $unit
    property_is Result success
    level_is 22 0
    log_says "^Stopped $unit"
}

# Without a unit: root and who has logged in properly have the limit by systemd-run.
limits_without_a_unit() {
    fieldfare doctor | tee /tmp/doctor
    grep -q 'OK  *limit .*by systemd-run --system$' /tmp/doctor
    useradd --create-home person
    loginctl enable-linger person
    eventually test -S "/run/user/$(id -u person)/bus"
    runuser -u person -- env XDG_RUNTIME_DIR="/run/user/$(id -u person)" fieldfare doctor | tee /tmp/doctor
    grep -q 'OK  *limit .*by systemd-run --user$' /tmp/doctor
}

# Purged, it leaves what people took and what it learnt, and nothing else.
it_goes_and_leaves_the_pictures() {
    dpkg --purge fieldfare
    find / -xdev -path /proc -prune -o -path /app -prune -o -path /var/log -prune -o -name '*fieldfare*' -print |
        grep -v "^$data" | tee /tmp/left
    # Drop-ins are the administrator's.
    test "$(grep -v -e "^/etc/systemd/system/$unit.d" -e '^/tmp' -e /var/lib/systemd /tmp/left | wc -l)" = 0
    test -s $data/models/parts/model.onnx
}

check installed it_is_installed
check everyone everyone_can_use_it
check unit the_unit_is_well_formed
check started it_starts_and_says_so
check orders the_group_gives_orders
check limit retraining_has_a_limit
check only-retraining only_retraining_is_ended
check watchdog the_watchdog_bites
check killed it_comes_back
check upgrade upgrades_and_other_javas
check stopped it_stops_properly
check without-unit limits_without_a_unit
check purged it_goes_and_leaves_the_pictures
summary
