# Every example loads and attaches, where the machine has the program and the kernel what it asks for.
. /cases/lib.sh

for example in /examples/*.bt; do
    name=${example##*/}
    trace --dry-run "$example" 1 1
    if [ "$status" = 0 ]; then
        ok "$name"
    elif grep -qE 'No program for u(ret)?probe|this kernel does not offer' err; then
        skip "$name"
    else
        fail "$name" "exit status $status"
    fi
done
