/* A program of 32 bits that needs no libc: getppid three times, then the program of its first argument, or exit(0). */

    .globl _start
_start:
    mov $3, %ebp
1:  mov $64, %eax
    int $0x80
    dec %ebp
    jnz 1b
    cmpl $1, (%esp)
    jle 2f
    mov $11, %eax
    mov 8(%esp), %ebx
    lea 8(%esp), %ecx
    xor %edx, %edx
    int $0x80
2:  mov $1, %eax
    xor %ebx, %ebx
    int $0x80
    .section .note.GNU-stack, "", @progbits
