import { absent, type ProcFiles } from '../../../src/host/proc-file.ts';

/** A job on a host that is made of text: what its kernel would show, per second and as shares of the looks. */
export interface FixtureJob {
  readonly workers: number;
  /** Cores that each worker, and the main thread, computes on. */
  readonly workerCores: number;
  readonly mainCores: number;
  /** Of the time, what each worker, and the main thread, waited for a core. */
  readonly workerQueuedShare?: number;
  readonly mainQueuedShare?: number;
  /** Where workers wait: state as in /proc/PID/stat, in a read of a file of this mount, in this share of the looks. */
  readonly waits?: {
    readonly state: 'D' | 'S';
    readonly share: number;
    readonly mount: FixtureMount;
    readonly wchan: string;
  };
  /** All workers together: from storage of a block device or NFS, and what their calls returned. */
  readonly readMibPerS: number;
  readonly requestedMibPerS: number;
  /** The job's cgroup of version 2. */
  readonly quotaCores?: number;
  readonly throttledShare?: number;
  /** Of the whole host. */
  readonly receivedMibPerS: number;
  readonly diskMibPerS: number;
  readonly diskBusyShare: number;
  readonly psiIoShare: number;
}

export interface FixtureMount {
  readonly id: number;
  readonly point: string;
  readonly type: string;
  readonly source: string;
}

export const mainPid = 4000;
const mib = 1024 * 1024;
const cpus = 16;

/** The host's /proc and /sys as they are `second` seconds after the job began, by path. */
export function hostFiles(job: FixtureJob, second: number): Readonly<Record<string, string>> {
  const pids = Array.from({ length: job.workers }, (_, i) => mainPid + 1 + i);
  const ticks = (cores: number) => Math.round(100 * cores * second);
  const busy = ticks(job.mainCores + job.workers * job.workerCores);
  const psi = (share: number) =>
    `some avg10=0.00 avg60=0.00 avg300=0.00 total=${Math.round(share * second * 1e6)}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`;
  const sectors = Math.round((job.diskMibPerS * mib * second) / 512);
  const received = Math.round(job.receivedMibPerS * mib * second);
  const quota = job.quotaCores === undefined ? 'max' : String(Math.round(job.quotaCores * 100_000));
  const periods = 10 * second;
  const host = {
    'proc/stat': `cpu  ${busy} 0 ${ticks(0.1)} ${100 * cpus * second - busy} 0 0 0 0 0 0\n`,
    'proc/pressure/cpu': psi(0.02),
    'proc/pressure/io': psi(job.psiIoShare),
    'proc/pressure/memory': psi(0),
    'proc/diskstats': ` 259 0 nvme0n1 1 0 ${sectors} 0 1 0 0 0 0 ${Math.round(job.diskBusyShare * second * 1000)} 0\n`,
    'proc/net/dev': `head\n head\n  eth0: ${received} 1 0 0 0 0 0 0 ${Math.round(received / 50)} 1\n`,
    'proc/meminfo': 'MemTotal: 263192576 kB\nMemAvailable: 131596288 kB\n',
    'proc/vmstat': 'pgpgin 5\npswpin 0\n',
    'proc/self/auxv': auxv,
    'proc/self/status': `Cpus_allowed_list:\t0-${cpus - 1}\n`,
    'proc/self/cgroup': '0::/system.slice/gpucost.service\n',
    'proc/self/mountinfo': mountinfo(job),
    'sys/fs/cgroup/system.slice/gpucost.service/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/job/cpu.max': `${quota} 100000\n`,
    'sys/fs/cgroup/job/cpu.stat': `nr_periods ${periods}\nnr_throttled ${Math.round(periods * (job.throttledShare ?? 0))}\n`,
    // What strangers do to the disks is no pressure in the job's own cgroup.
    'sys/fs/cgroup/job/io.pressure': psi(job.waits === undefined ? 0 : job.psiIoShare),
    'sys/fs/cgroup/job/cpu.pressure': psi(job.throttledShare ?? 0),
    'sys/fs/cgroup/job/memory.pressure': psi(0),
    'sys/block/nvme0n1/size': '1',
    'sys/class/net/eth0/device/vendor': '',
    ...process(job, second, mainPid, 1, ticks(job.mainCores), 0),
  };
  return pids.reduce<Readonly<Record<string, string>>>(
    (files, pid) => ({
      ...files,
      ...process(job, second, pid, mainPid, ticks(job.workerCores), job.workers),
    }),
    host,
  );
}

/** Reads as from a disk whose root is `/`; `now` gives what lies there. */
export function inMemory(now: () => Readonly<Record<string, string>>): ProcFiles {
  return {
    read: (path) => now()[path.slice(1)] ?? absent,
    list(path) {
      const folder = `${path.slice(1).replace(/\/$/, '')}/`;
      const inside = Object.keys(now()).filter((name) => name.startsWith(folder));
      const names = new Set(inside.map((name) => name.slice(folder.length).split('/', 1)[0] ?? ''));
      return names.size === 0 ? null : [...names];
    },
  };
}

/** `among`: how many share the job's reads; 0 is the main process, which neither reads nor waits. */
function process(
  job: FixtureJob,
  second: number,
  pid: number,
  parent: number,
  ticks: number,
  among: number,
): Readonly<Record<string, string>> {
  const { waits } = job;
  // A golden-ratio sequence: the share holds over any stretch, and workers differ.
  const place = (0.618_034 * (second + 7 * pid)) % 1;
  const isWaiting = among > 0 && waits !== undefined && place < waits.share;
  const state = isWaiting ? waits.state : among > 0 && job.workerCores < 0.5 ? 'S' : 'R';
  const stat = `${pid} (python3) ${state} ${parent} ${pid} ${pid} 0 -1 4194304 97 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${1000 + pid} 3133440 359\n`;
  const queuedShare = (among > 0 ? job.workerQueuedShare : job.mainQueuedShare) ?? 0.01;
  const schedstat = `${ticks * 1e7} ${Math.round(queuedShare * second * 1e9)} ${10 * second}\n`;
  const bytes = (perS: number) => (among === 0 ? 0 : Math.round((perS * mib * second) / among));
  const folder = `proc/${pid}`;
  return {
    [`${folder}/stat`]: stat,
    [`${folder}/status`]: `Cpus_allowed_list:\t0-${cpus - 1}\n`,
    [`${folder}/io`]: `rchar: ${bytes(job.requestedMibPerS)}\nwchar: 0\nsyscr: 10\nsyscw: 0\nread_bytes: ${bytes(job.readMibPerS)}\nwrite_bytes: 0\ncancelled_write_bytes: 0\n`,
    [`${folder}/cgroup`]: '0::/job\n',
    [`${folder}/mountinfo`]: mountinfo(job),
    [`${folder}/fdinfo/5`]: `pos:\t0\nflags:\t0100000\nmnt_id:\t${waits?.mount.id ?? 27}\nino:\t3\n`,
    [`${folder}/schedstat`]: schedstat,
    [`${folder}/task/${pid}/schedstat`]: schedstat,
    [`${folder}/task/${pid}/stat`]: stat,
    // pread64 of file 5 on x86-64; a thread that is not in a call says so.
    [`${folder}/task/${pid}/syscall`]: isWaiting ? '17 0x5 0x7f00 0x1000\n' : 'running\n',
    [`${folder}/task/${pid}/wchan`]: isWaiting ? waits.wchan : '0',
  };
}

function mountinfo({ waits }: FixtureJob): string {
  const data = waits?.mount;
  return [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '27 1 259:1 / / rw,relatime - ext4 /dev/nvme0n1p1 rw',
    '32 31 0:29 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate',
    ...(data === undefined || data.id === 27
      ? []
      : [
          `${data.id} 27 0:${data.id} / ${data.point} rw,relatime - ${data.type} ${data.source} rw`,
        ]),
    '',
  ].join('\n');
}

/** AT_PAGESZ of 4 KiB, in the bytes that getauxval(3) reads. */
const auxv = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0]).toString('latin1');
