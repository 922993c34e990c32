# BEGIN, END, parameters, and how a script ends.
. /cases/lib.sh

traced "BEGIN and END" -q -e 'BEGIN { printf("begin %d %s %d\n", $1, str($2), $#); @x[1, "a"] = 7; exit(); } END { printf("end %d\n", @x[1, "a"]); }' 42 word &&
    equal "their output" "$(grep -E '^(begin|end|@)' out | tr '\n' ';')" 'begin 42 word 2;end 7;@x[1, a]: 7;'

trapline -e 'tracepoint:raw_syscalls:sys_enter { @ = count(); } END { printf("bye\n"); }' >out 2>err &
tracer=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    grep -q Attached out err && break
    sleep 1
done
kill -INT $tracer
wait $tracer
equal "status after an interrupt" $? 0
shows "END after an interrupt" '^bye$'
shows "maps after an interrupt" '^@: [0-9]+$'

traced "arithmetic" -q -e 'BEGIN {
        $a = 7; $b = -2; $c = 0x10; $i = 0;
        printf("%d %d %d %d %d\n", $a / $b, $a % $b, $a << 3, $c >> 2, $a - 9);
        if ($a > $b && $c == 16) { @yes = 1; } else { @no = 1; }
        @t = (1, "two", 3); @s = "text"; @u = (uint8)300; @n = strncmp("abc", "abd", 2);
        print((1, "x")); printf("%s %5d|%-5d|%x\n", "s", 1, 2, 255);
        exit();
    }' && {
    shows "numbers" '^-3 1 56 4 -2$'
    shows "branches" '^@yes: 1$'
    lacks "the other branch" '^@no:'
    shows "tuples" '^@t: \(1, two, 3\)$'
    shows "casts" '^@u: 44$'
    shows "formats" '^s     1\|2    \|ff$'
}
