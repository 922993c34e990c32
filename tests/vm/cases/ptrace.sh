# The ptrace engine: it prints what the kernel prints, and needs no rights.
. /cases/lib.sh

cat >calls.bt <<'END'
syscall:* { @[syscall] = count(); @failed[syscall, errno] = count(); @by[comm] = count(); }
tracepoint:raw_syscalls:sys_enter { @enters[args.id] = count(); }
tracepoint:raw_syscalls:sys_exit { @exits[args.id] = count(); }
tracepoint:syscalls:sys_enter_openat { @opens[comm, str(args.filename, 64)] = count(); }
tracepoint:sched:sched_process_exec, tracepoint:sched:sched_process_exit { @lives[probe, comm] = count(); }
tracepoint:sched:sched_process_fork { @forks = count(); }
END

# The names of counts of `strace -c`, without the ABI, and how often.
of_strace() { awk '$1 ~ /^[0-9]+$/ && $2 != "total" { n[$2] += $1 } END { for (name in n) print name, n[name] }' table | sort; }
of_map() { sed -n 's/^@counts\[\(.*:\)\?\(.*\)\]: \(.*\)/\2 \3/p' out | awk '{ n[$1] += $2 } END { for (name in n) print name, n[name] }' | sort; }

# same COMMAND...: three tracers of one command, whose calls are always the same.
same() {
    prints "$1: bpf" -q -F --engine bpf -c "$1" calls.bt || return
    cp out kernel
    prints "$1: ptrace" -q -F --engine ptrace -c "$1" calls.bt || return
    equal "$1: the same as in the kernel" "$(diff kernel out)" ''
    [ -s out ] || fail "$1" "it printed nothing"
    if prints "$1: recording" -q -F --engine ptrace --record p.trace -c "$1" calls.bt; then
        cp out live
        prints "$1: replay" -q -F --replay p.trace calls.bt && equal "$1: the same again" "$(diff live out)" ''
    fi
    have strace || return
    # What cat calls depends on where it writes to: a file, as above, to whose end it adds.
    : >copy
    strace -f -qq -c -U calls,name -o table $1 >>copy 2>>copy
    if prints "$1: counts" -q -F --engine ptrace -c "$1" \
        -e 'tracepoint:raw_syscalls:sys_enter /syscall != "exit_group"/ { @counts[syscall] = count(); }'
    then
        of_map >ours
        of_strace >theirs
        [ -s theirs ] || fail "$1" "strace counted nothing"
        equal "$1: the same as strace" "$(diff theirs ours)" ''
    fi
}
same 'cat /etc/passwd /no/such'
same 'dd if=/dev/zero of=/dev/null bs=1 count=100 status=none'
same 'workload compat 100'
same 'workload x32 100'
have narrow && same 'narrow /bin/workload compat 10'
have rounds lab && same "rounds $PWD /bin/lab"

calls='workload getppid 2 1000'
for engine in bpf ptrace; do
    prints "threads, $engine" -q -F --engine $engine -c "$calls" -e 'syscall:getppid { @ = count(); }' &&
        equal "threads, $engine" "$(plain @)" 2000
done

# An ordinary user.
mkdir mine
chown nobody mine
nobody() { su -s /bin/sh nobody -c "cd $PWD/mine; $1" >out 2>err; }
nobody "trapline -e 'syscall:getppid { @ = count(); }' -c 'workload getppid 1 100'"
equal "an ordinary user: status" $? 0
shows "an ordinary user: it is said" 'tracing the command and its children with ptrace instead' err
equal "an ordinary user: counts" "$(plain @)" 100
nobody "trapline -q --record a.trace -c 'cat /etc/passwd'"
equal "an ordinary user's recording: status" $? 0
nobody "trapline -q --replay a.trace -e 'syscall:openat,syscall:open { printf(\"<%s>\n\", str(args.filename)); }'"
shows "an ordinary user's recording" '^</etc/passwd>$'

# Commands that are hard to trace check themselves; they end as they do untraced.
hostile() {
    $1 >/dev/null 2>&1
    expected=$?
    trace --engine ptrace -e 'syscall:getppid { @ = count(); }' -c "$1"
    equal "$1: status" "$status" 0
    case $expected in
    0) lacks "$1: ends as untraced" 'ended with' err ;;
    *) if [ $expected -gt 128 ]; then
        shows "$1: ends as untraced" "ended with signal: $((expected - 128)) " err
    else
        shows "$1: ends as untraced" "ended with exit status: $expected\\." err
    fi ;;
    esac
    [ -z "$2" ] || equal "$1: calls" "$(plain @)" "$2"
}
if have tracee narrow; then
    hostile 'tracee forks 200' 200
    hostile 'tracee signals'
    hostile 'tracee stops'
    hostile 'tracee threads' 6400
    hostile 'tracee vfork'
    hostile 'tracee die 9'
    hostile 'tracee die 15'
    hostile 'tracee exec /bin/narrow' 3
    hostile 'tracee exec-from-thread /bin/narrow' 3
fi
