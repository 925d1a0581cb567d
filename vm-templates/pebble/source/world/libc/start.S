/* SPDX-License-Identifier: Apache-2.0 */
/* Entry of every program: the stack holds argc, argv and the environment. */
	.text
	.globl _start
	.type _start, @function
_start:
	xorl %ebp, %ebp
	movq %rsp, %rdi
	andq $-16, %rsp
	call start_program
	hlt
	.size _start, . - _start
	.section .note.GNU-stack, "", @progbits
