# Recordings: what a script saw while it ran, a replay of them prints again; and they hold what no script asked for.
. /cases/lib.sh

cat >calls.bt <<'END'
syscall:* { @[syscall] = count(); @failed[syscall, errno] = count(); @moved[syscall] = sum(retval); }
tracepoint:raw_syscalls:sys_enter { @enters[args.id] = count(); }
tracepoint:raw_syscalls:sys_exit { @exits[args.id] = count(); }
tracepoint:sched:sched_process_exec { @execs[comm] = count(); }
// A thread may come by here after the last one of its process, when nobody follows it any more.
tracepoint:sched:sched_process_exit /pid == tid/ { @ends[comm] = count(); }
tracepoint:sched:sched_process_fork { @forks = count(); }
END
cat >script <<'END'
cat /etc/passwd
cat /no/such 2>/dev/null
echo words >file
dd if=file of=copy bs=1 status=none
rm file copy
workload getppid 2 100
workload compat 20
workload x32 20
[ -x /bin/narrow ] && narrow /bin/workload getppid 1 10
true
END

for hook in auto btf raw tracepoint event; do
    if prints "recording, $hook" -q -F --attach $hook --record $hook.trace -c 'sh script' calls.bt; then
        cp out live
        # Where the scheduler takes the CPU away from these programs, others' runs are skipped; that is said.
        if [ $hook = btf ] || [ $hook = raw ] && grep -q '^Lost .* already running on that CPU$' err; then
            skip "every event by $hook"
            continue
        fi
        equal "nothing is said, $hook" "$(cat err)" ''
        shows "all getppid, $hook" '^@\[getppid\]: 2[0-9][0-9]$'
        shows "32-bit calls, $hook" '^@\[i386:getpid\]: 20$'
        if prints "replay, $hook" -q -F --replay $hook.trace calls.bt; then
            equal "prints the same, $hook" "$(diff live out)" ''
        fi
    fi
done

# Without a script: everything, for scripts that nobody has thought of yet.
if prints "recording all" -q -F --record all.trace -c 'sh script'; then
    echo "size: $(wc -c <all.trace) bytes"
    cat >opened.bt <<'END'
syscall:openat, syscall:open { printf("<%s %s %s>\n", comm, str(args.filename), errno); }
END
    if prints "names of files" -q --replay all.trace opened.bt; then
        equal "a file that is there" "$(grep -c '^<cat /etc/passwd 0>$' out)" 1
        equal "a missing file" "$(grep -c '^<cat /no/such ENOENT>$' out)" 1
        equal "a new file" "$(grep -c '^<sh file 0>$' out)" 1
    fi
    cat >started.bt <<'END'
tracepoint:syscalls:sys_enter_execve { printf("<%s> ", str(args.filename)); join(args.argv, "|"); }
END
    if prints "words of commands" -q --replay all.trace started.bt; then
        shows "the shell" '^</bin/sh> sh\|script$'
        shows "cat" '^<.*> cat\|/etc/passwd$'
        shows "workload" '^</bin/workload> workload\|getppid\|2\|100$'
    fi
    if traced "calls one by one" trace -F --replay all.trace -e openat,read,write; then
        shows "a call with its words" 'openat\(.*"/etc/passwd".* = 3'
        shows "what was read" 'read\(.*"root:x:0:0:.* = '
        shows "what was written" 'write\(1?[0-9]?, "words\\n", 6\) += 6'
    fi
fi

# A recording of one kernel replays elsewhere.
cat >here.bt <<'END'
syscall:* { @[syscall] = count(); }
syscall:openat, syscall:open { printf("<%s %s %s>\n", comm, str(args.filename), errno); }
tracepoint:syscalls:sys_enter_execve { printf("<%s> ", str(args.filename)); join(args.argv, "|"); }
tracepoint:sched:sched_process_exec { @exec[comm] = count(); }
END
if prints "recording for others" -q -F --record here.trace -c 'sh script' here.bt; then
    cp out here.out
    keep here
fi

# The newest events, kept until something happens.
if prints "a ring" -q -F --record ring.trace --ring 1M --dump-on 'syscall:openat /errno == ENOENT/' -c 'sh script' -e 'BEGIN { }'
then
    [ -s ring.trace ] && ok "the ring was written"
    if prints "replay of a ring" -q --replay ring.trace opened.bt; then
        equal "what came before" "$(grep -c '^<cat /etc/passwd 0>$' out)" 1
        equal "what fired" "$(grep -c '^<cat /no/such ENOENT>$' out)" 1
    fi
fi

# More than a small buffer takes: what was seen is what was recorded and what the recording says it lost.
cat >every.bt <<'END'
tracepoint:raw_syscalls:sys_enter, tracepoint:raw_syscalls:sys_exit, tracepoint:sched:sched_process_fork,
tracepoint:sched:sched_process_exec, tracepoint:sched:sched_process_exit { @ = count(); }
END
if BPFTRACE_PERF_RB_PAGES=16 prints "a flood" -F --record flood.trace -c 'workload getppid 2 20000' every.bt; then
    seen=$(plain @)
    lost=$(sed -n 's/^The recording lost \([0-9]*\) events.*/\1/p' err)
    # Where the scheduler interrupts who reads maps, the kernel skips programs meanwhile.
    skipped=$(sed -n 's/^Lost \([0-9]*\) probe runs\{0,1\}: .*/\1/p' err)
    echo "seen: $seen, lost: ${lost:-0}, skipped: ${skipped:-0}"
    [ "$((seen + ${skipped:-0}))" -gt 80000 ] || fail "a flood" "$seen events"
    if prints "its replay" -F --replay flood.trace every.bt; then
        told=$(sed -n 's/^WARNING: while recording, \([0-9]*\) events were lost$/\1/p' err)
        if [ -z "$skipped" ]; then
            equal "a replay says what is lacking" "${told:-0}" "${lost:-0}"
            equal "what is lost is said" "$(($(plain @) + ${lost:-0}))" "$seen"
        else
            skip "every event of a flood"
            [ "${told:-0}" -ge "${lost:-0}" ] || fail "a replay says what is lacking" "$told of $lost"
        fi
    fi
fi

# Others' calls are not there, the whole machine's are without -F.
(while :; do cat /etc/hostname >/dev/null 2>&1; done) &
other=$!
prints "recording a command" -q -F --record own.trace -c 'cat /etc/passwd' &&
    prints "its replay" -q --replay own.trace -e 'syscall:* { @[comm] = count(); }' &&
    equal "only its own" "$(grep -c '^@\[cat\]' out)-$(grep -c '^@\[' out)" 1-1
# Recorder and script are attached one after the other, so only what happens in between is the same.
cat >work.bt <<'END'
syscall:* /comm == "workload"/ { @[syscall] = count(); }
END
prints "recording a machine" -q --record machine.trace -c 'sh script' work.bt && {
    cp out live
    shows "all getppid of a machine" '^@\[getppid\]: 2[0-9][0-9]$'
    prints "its replay" -q --replay machine.trace work.bt && equal "prints the same of a machine" "$(diff live out)" ''
    prints "its others" -q --replay machine.trace -e 'syscall:* /comm != "workload" && ppid != cpid && pid != cpid/ { @ = count(); }' &&
        shows "others are recorded, too" '^@: [1-9]'
}
kill $other
wait
