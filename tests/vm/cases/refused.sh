# Scripts and machines at fault: a message and status 1.
. /cases/lib.sh

refused() {
    trace -e "$2"
    equal "$1: status" "$status" 1
    shows "$1: message" "$3" err
    lacks "$1: no panic" 'panicked' err
}
refused "unknown event" 'tracepoint:syscalls:sys_enter_opennat { @ = count(); }' 'ERROR.*opennat|error.*opennat'
refused "unknown field" 'tracepoint:syscalls:sys_enter_openat { @[args.filname] = count(); }' 'filename'
refused "unclosed brace" 'BEGIN { @ = count();' '[Ee][Rr][Rr][Oo][Rr]'

su -s /bin/sh nobody -c "cd /; trapline -e 'BEGIN { exit(); }'" >out 2>err
equal "without privileges: status" $? 1
shows "without privileges: message" 'root|CAP_|privilege' err
