# What cases share. A case starts with `. /cases/lib.sh` and prints one line for each thing it checks:
#
#   ok WHAT          it holds
#   FAIL WHAT: WHY   it does not; what the programs printed follows, indented
#   skip WHAT: WHY   this kernel cannot do it
#
# `trace` leaves its output in the file `out`, its messages in `err`, its exit status in $status.

# trace ARGUMENT...: runs trapline.
trace() {
    rm -f out err
    # Appending, for the command writes to the same file: busybox's cat uses sendfile, which would otherwise write over
    # what others wrote meanwhile.
    trapline "$@" >>out 2>>err
    status=$?
}

# traced WHAT ARGUMENT...: runs trapline, which must succeed.
traced() {
    what=$1
    shift
    trace "$@"
    if [ "$status" = 0 ]; then
        return 0
    fi
    fail "$what" "exit status $status of trapline $*"
    return 1
}

# prints WHAT ARGUMENT...: the same; `out` has what the script prints, and not what the command of -c does.
prints() {
    rm -f printed
    traced "$@" -o printed && mv printed out
}

ok() { echo "ok $1"; }
skip() { echo "skip $1: not on $(uname -r)"; }

# fail WHAT WHY
fail() {
    echo "FAIL $1: $2"
    for file in out err; do
        [ -s $file ] && head -c 12000 $file | sed "s/^/    $file: /"
    done
}

# long_keys: old kernels take keys of 512 bytes at most, and the message says what to do. Does that, where it is so.
long_keys() {
    trace --dry-run -e 'tracepoint:syscalls:sys_enter_openat { @[str(args.filename)] = count(); }'
    [ "$status" = 0 ] && return
    shows "keys are too long for this kernel" 'too large.*BPFTRACE_MAX_STRLEN=200' err
    export BPFTRACE_MAX_STRLEN=200
}

# equal WHAT ACTUAL EXPECTED
equal() {
    if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got '$2', expected '$3'"; fi
}

# shows WHAT PATTERN [FILE]: the output has a line that the extended regular expression matches.
shows() {
    if grep -qE -e "$2" "${3:-out}"; then ok "$1"; else fail "$1" "no line matches $2"; fi
}

# lacks WHAT PATTERN [FILE]: the output has no such line.
lacks() {
    if grep -qE -e "$2" "${3:-out}"; then fail "$1" "a line matches $2"; else ok "$1"; fi
}

# value MAP KEY: what the printed map holds under a key; nothing if the key is absent.
value() {
    grep -F -e "$1[$2]: " out | sed 's/^.*]: //'
}

# plain MAP: what the printed map without keys holds.
plain() {
    sed -n "s/^$1: //p" out
}

# keep NAME: what was recorded in NAME.trace replays with the script NAME.bt to what is in NAME.out. The machine that runs
# the cases tries that, too.
keep() {
    # What a case prints is cut off at some length.
    if [ "$(cat "$1.trace" "$1.bt" "$1.out" | wc -c)" -gt 30000 ]; then
        fail "keeping $1" "it is too large"
        return
    fi
    for file in "$1.trace" "$1.bt" "$1.out"; do
        echo "@keep $file $(base64 -w 0 $file)"
    done
}

# have PROGRAM...: the machine has these programs.
have() {
    for program in "$@"; do
        if ! [ -x /bin/$program ]; then
            echo "skip $program: it is not in this machine"
            return 1
        fi
    done
}
