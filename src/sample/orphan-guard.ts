import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/**
 * What keeps children from outliving us when we are killed without a chance to clean up.
 * `setpriv` asks the kernel to kill the child when we die; `watchdog` is a small process that blocks on a pipe
 * from us and kills the children's process groups when the pipe closes, which also reaches grandchildren
 * of a wrapper script. A hung nvidia-smi never notices a closed pipe itself.
 */
export type OrphanGuardKind = 'setpriv' | 'watchdog';

export interface OrphanGuard {
  /** The command that starts `path` under the guard. */
  command(path: string, args: readonly string[]): readonly [string, readonly string[]];
  watch(pid: number): void;
  forget(pid: number): void;
  /** Ends the watchdog. */
  close(): void;
}

/** The shell's loop ends with its input, that is with us; signals that a terminal sends to us don't end it. */
const shellWatchdog = `trap '' INT TERM HUP QUIT
alive=''
while read -r sign pid; do
  case $sign in
    +) alive="$alive $pid " ;;
    -) alive=$(printf '%s' "$alive" | sed "s/ $pid / /") ;;
  esac
done
for pid in $alive; do kill -s KILL -- "-$pid"; done 2>/dev/null`;

/** Windows has no process groups and no shell to count on. */
const nodeWatchdog = `let rest='';const alive=new Set();
process.stdin.on('data',(d)=>{const l=(rest+d).split('\\n');rest=l.pop();
for(const x of l){const [s,p]=x.split(' ');s==='+'?alive.add(+p):alive.delete(+p)}});
process.stdin.on('end',()=>{for(const p of alive){try{process.kill(p,'SIGKILL')}catch{}}});`;

/**
 * Guards with every kind given that this host offers. The parent-death signal belongs to the thread that
 * started the child: call from the main thread.
 */
export function orphanGuard(
  kinds: readonly OrphanGuardKind[],
  env: NodeJS.ProcessEnv,
): OrphanGuard {
  const setpriv = kinds.includes('setpriv') ? findOnPath('setpriv', env) : null;
  const watchdog = kinds.includes('watchdog') ? startWatchdog() : null;
  const tell = (line: string): void => {
    if (watchdog?.stdin?.writable === true) watchdog.stdin.write(line);
  };
  return {
    command: (path, args) =>
      setpriv === null ? [path, args] : [setpriv, ['--pdeathsig', 'KILL', '--', path, ...args]],
    watch: (pid) => tell(`+ ${pid}\n`),
    forget: (pid) => tell(`- ${pid}\n`),
    close: () => watchdog?.stdin?.end(),
  };
}

function startWatchdog(): ChildProcess {
  const [command, args] =
    process.platform === 'win32'
      ? [process.execPath, ['-e', nodeWatchdog]]
      : ['/bin/sh', ['-c', shellWatchdog]];
  const watchdog = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without a shell there is no watchdog; the parent-death signal remains.
  watchdog.on('error', () => undefined);
  watchdog.stdin?.on('error', () => undefined);
  watchdog.unref();
  if (watchdog.stdin !== null && 'unref' in watchdog.stdin) {
    const { unref } = watchdog.stdin;
    if (typeof unref === 'function') unref.call(watchdog.stdin);
  }
  return watchdog;
}

/** The first executable of that name on PATH, or null. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** True for a file that we may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
