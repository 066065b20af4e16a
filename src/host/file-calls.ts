/** How a system call touches a file. */
export type FileCall = 'read' | 'write' | 'other';

/**
 * Numbers of the calls whose first argument is the open file that they wait for (for openat and the like the
 * folder), from the kernel's arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 */
const calls: Readonly<Record<string, ReadonlyMap<number, FileCall>>> = {
  x64: table({
    read: [0, 17, 19, 78, 187, 217, 295, 327],
    write: [1, 18, 20, 74, 75, 77, 277, 285, 296, 328],
    other: [3, 5, 8, 16, 221, 257, 262, 332],
  }),
  arm64: table({
    read: [61, 63, 65, 67, 69, 213, 286],
    write: [46, 47, 64, 66, 68, 70, 82, 83, 84, 287],
    other: [29, 56, 57, 62, 79, 80, 223, 291],
  }),
};

function table(by: Readonly<Record<FileCall, readonly number[]>>): ReadonlyMap<number, FileCall> {
  return new Map([
    ...by.read.map((number) => [number, 'read'] as const),
    ...by.write.map((number) => [number, 'write'] as const),
    ...by.other.map((number) => [number, 'other'] as const),
  ]);
}

/**
 * The file that a blocked thread's call is about, from /proc/PID/task/TID/syscall ("0 0x3 0x7f…": number and
 * arguments). Null where it runs, waits outside of a call (a page fault), or its call names no open file.
 */
export function fileOfCall(
  syscall: string,
  arch: string,
): { readonly file: number; readonly call: FileCall } | null {
  const [number, argument] = syscall.split(' ', 2);
  const call = calls[arch]?.get(Number(number));
  const file = Number(argument);
  // AT_FDCWD is no file; as an argument it is a number of 32 or 64 bits.
  if (call === undefined || !Number.isSafeInteger(file) || file < 0 || file > 0x7fff_ffff) {
    return null;
  }
  return { file, call };
}
