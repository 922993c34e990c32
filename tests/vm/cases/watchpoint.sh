# Hardware breakpoints, on data of the kernel and on its code; events that software counts.
. /cases/lib.sh

address=0x$(awk '$3 == "jiffies_64" || $3 == "jiffies" { print $1; exit }' /proc/kallsyms)
traced "writes to a variable" -e "watchpoint:$address:8:w { @hits = count(); } interval:ms:1500 { exit(); }" &&
    shows "hits of writes" '^@hits: [1-9]'
address=0x$(awk '$3 == "ksys_read" { print $1; exit }' /proc/kallsyms)
traced "running code" -c 'cat /etc/passwd' -e "watchpoint:$address:8:x /pid == cpid/ { @[probe] = count(); }" &&
    shows "hits of code" "^@\\[watchpoint:.*\\]: [1-9]"
traced "page faults" -c 'cat /etc/passwd' -e 'software:page-faults:1 /pid == cpid/ { @[comm] = count(); }' &&
    shows "faults" '^@\[cat\]: [1-9]'
traced "switches" -c 'sleep 0.2' -e 'software:context-switches:1 { @ = count(); }' && shows "hits of switches" '^@: [1-9]'
