# Control groups.
. /cases/lib.sh

mkdir /sys/fs/cgroup/busy
echo 'echo $$ >/sys/fs/cgroup/busy/cgroup.procs; exec dd if=/dev/zero of=/dev/null bs=1 count=300 status=none' >script
if traced "calls by group" -c 'sh script' \
    -e 'tracepoint:syscalls:sys_enter_read /comm == "dd"/ { @[cgroup_path(cgroup)] = count(); @id[cgroup] = count(); }'
then
    shows "the group's path" '^@\[(.*:)?/busy\]: 300$'
    equal "the group's number" "$(value @id "$(stat -c %i /sys/fs/cgroup/busy)")" 300
fi
traced "a group as filter" -c 'sh script' \
    -e 'tracepoint:syscalls:sys_enter_read /cgroup == cgroupid("/sys/fs/cgroup/busy") && comm == "dd"/ { @ = count(); }' &&
    equal "its calls" "$(plain @)" 300
