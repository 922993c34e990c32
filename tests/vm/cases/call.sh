# System calls as events, on each hook: counts, latency, results, names, children, execve.
. /cases/lib.sh
long_keys

dd='dd if=/dev/zero of=/dev/null bs=1 count=200 status=none'
for hook in auto raw tracepoint event; do
    if traced "finished calls, $hook" --attach $hook -c "$dd" \
        -e 'syscall:read,write /pid == cpid/ { @[syscall, retval] = count(); @timed[latency > 0] = count(); }'
    then
        equal "reads, $hook" "$(value @ 'read, 1')" 200
        equal "writes, $hook" "$(value @ 'write, 1')" 200
        lacks "all have a latency, $hook" '^@timed\[(false|0)\]'
    fi
done
for hook in auto event; do
    if traced "what calls were given, $hook" -q --attach $hook -c 'cat /nonexistent/file' \
        -e 'syscall:open,openat /pid == cpid && errno == ENOENT/ { @[args.filename, errno] = count(); }
            syscall:execve /pid == cpid/ { printf("%s: %d\n", args.filename, retval); }'
    then
        equal "name and error, $hook" "$(value @ '/nonexistent/file, ENOENT')" 1
        shows "what execve was given, $hook" 'cat: 0$'
    fi
done
if traced "calls as text" -q -c 'cat /nonexistent/file' -e 'syscall:open,openat,execve /pid == cpid/ { print(args); }'
then
    shows "an open that fails" '^open.*"/nonexistent/file", O_RDONLY.*= -1 ENOENT'
    shows "an execve" '^execve\(".*cat", \["cat", "/nonexistent/file"\]'
fi
if traced "children" -c 'sh -c "for n in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done; true"' \
    -e 'syscall:fork,vfork,clone,clone3 /comm == "sh"/ { @ = count(); } syscall:exit_group /comm == "true"/ { @ends = count(); }'
then
    equal "a child's return is no event" "$(plain @)" 10
    shows "exit_group" '^@ends: (9|10)$'
fi
