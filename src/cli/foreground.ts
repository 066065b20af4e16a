import { readFileSync } from 'node:fs';

/** True if our process group is the foreground group of a terminal (proc(5): stat fields 5 and 8). */
export function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch {
    // Without /proc (macOS, Windows): a terminal on stdin is the best that can be known.
    return process.stdin.isTTY;
  }
}
