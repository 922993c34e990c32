#!/bin/busybox sh
# First program of the virtual machine: mounts what tracers need, runs every case, turns the machine off.
# What it prints is read by machine.py; the markers are described there.

/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
printf 'root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >/etc/passwd

stty -F /dev/ttyS1 raw 2>/dev/null
exec >/dev/ttyS1 2>&1

seconds=$(sed -n 's/.*case_seconds=\([0-9]*\).*/\1/p' /proc/cmdline)
now() { cut -d' ' -f1 /proc/uptime; }

echo "@ready $(uname -r)"
for case in /cases/*.sh; do
    name=$(basename "$case" .sh)
    [ "$name" = lib ] && continue
    mkdir -p "/tmp/$name"
    cd "/tmp/$name" || continue
    echo "@begin $name"
    begin=$(now)
    # Into a file first: a serial line is slow, and cases count the writes of others.
    timeout -k 5 "$seconds" sh "$case" >/tmp/output 2>&1 </dev/null
    status=$?
    head -c 60000 /tmp/output
    echo
    echo "@end $name $status $(awk "BEGIN { print $(now) - $begin }")"
    cd /
    rm -rf "/tmp/$name"
done
sync
poweroff -f
