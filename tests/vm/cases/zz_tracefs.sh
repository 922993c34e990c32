# Without tracefs: it is mounted, or the message says how. Last, because it changes the machine.
. /cases/lib.sh

umount /sys/kernel/tracing
trace -c 'cat /etc/passwd' -e 'tracepoint:sched:sched_process_exec { @ = count(); }'
if [ "$status" = 0 ]; then
    ok "events without tracefs"
else
    shows "a message that says how" 'mount' err
fi
