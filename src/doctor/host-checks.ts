import type { Check } from './check.ts';
import type { DataFacts, DoctorFacts, HostFacts, MachineFindings } from './facts.ts';

const gib = 1024 ** 3;
/** A week of eight GPUs at 1 Hz is below 120 MB (24 bytes per GPU-sample); with a margin for what others write. */
const littleSpace = gib / 2;
const noSpace = 16 * 1024 ** 2;

/** What the host offers beside nvidia-smi: permissions, signals, disk, and what it costs. */
export function hostChecks(facts: DoctorFacts): readonly Check[] {
  return [
    permissionsCheck(facts.host),
    signalsCheck(facts.host),
    xidsCheck(facts.host),
    limitsCheck(facts.host),
    folderCheck(facts.data),
    spaceCheck(facts.data),
    machineCheck(facts.machine),
    rateCheck(facts.machine),
  ];
}

function permissionsCheck({ userId, deniedDevices, profilingAdminOnly }: HostFacts): Check {
  const check = { id: 'permissions', title: 'Permissions' } as const;
  if (deniedDevices.length > 0) {
    return {
      ...check,
      status: 'fail',
      found: `may not open ${deniedDevices.join(', ')}`,
      next: 'Add this user to the group that owns them (ls -l /dev/nvidia*), or run as root.',
    };
  }
  if (userId === 0) return { ...check, status: 'ok', found: 'root', next: null };
  const counters =
    profilingAdminOnly === true ? '; GPU performance counters are for administrators only' : '';
  return {
    ...check,
    status: 'ok',
    found: `not root: bytes read and written by other users' processes stay unknown${counters}`,
    next: null,
  };
}

function signalsCheck({ missingSignals }: HostFacts): Check {
  const check = { id: 'host-signals', title: 'Host signals' } as const;
  if (missingSignals === null) {
    const found = 'CPU, pressure, disks, network, memory and cgroups';
    return { ...check, status: 'ok', found, next: null };
  }
  return {
    ...check,
    status: 'warn',
    found: missingSignals,
    next: 'Findings that need them are not judged: that a GPU waits is known, but not what it waits for.',
  };
}

function xidsCheck({ xidsHidden }: HostFacts): Check {
  const check = { id: 'xids', title: 'XIDs' } as const;
  switch (xidsHidden) {
    case null:
      return { ...check, status: 'ok', found: 'visible in the kernel log', next: null };
    case 'denied':
      return {
        ...check,
        status: 'warn',
        found: 'not visible: this user may not read the kernel log, /dev/kmsg',
        next: 'Errors of GPUs that ended work are not named. Run as root, or look yourself: sudo dmesg | grep -i xid.',
      };
    case 'absent':
      return {
        ...check,
        status: 'skip',
        found: 'not visible: there is no kernel log, /dev/kmsg, to read here',
        next: 'Look on the host: sudo dmesg | grep -i xid.',
      };
  }
}

function limitsCheck({ coresAllowed, cpus, container }: HostFacts): Check {
  const check = { id: 'cpu-limits', title: 'CPU limits' } as const;
  const where = container ? ', in a container' : '';
  if (coresAllowed === null) {
    return { ...check, status: 'skip', found: `unknown${where}`, next: null };
  }
  const cores = Number(coresAllowed.toFixed(2));
  const found =
    coresAllowed < cpus
      ? `${cores} of ${cpus} cores by affinity and cgroup quota${where}`
      : `all ${cpus} cores${where}`;
  return { ...check, status: 'ok', found, next: null };
}

function folderCheck({ folder, problem }: DataFacts): Check {
  const check = { id: 'data-folder', title: 'Data folder' } as const;
  if (problem === null) return { ...check, status: 'ok', found: folder, next: null };
  return {
    ...check,
    status: 'fail',
    found: `${folder}: ${problem}`,
    next: 'Set GPUCOST_HOME to a folder that you may write.',
  };
}

function spaceCheck({ freeBytes }: DataFacts): Check {
  const check = { id: 'disk-space', title: 'Free space' } as const;
  if (freeBytes === null) return { ...check, status: 'skip', found: 'unknown', next: null };
  const found = `${bytesText(freeBytes)} free`;
  if (freeBytes >= littleSpace) return { ...check, status: 'ok', found, next: null };
  return {
    ...check,
    status: freeBytes < noSpace ? 'fail' : 'warn',
    found,
    next: 'Make room (gpucost sessions prune), or set GPUCOST_HOME to another disk.',
  };
}

function machineCheck({ provider, type, region, detectedBy, candidates }: MachineFindings): Check {
  const check = { id: 'machine', title: 'Machine type' } as const;
  if (type !== null) {
    const name = [provider, type].filter((part) => part !== null).join('/');
    const place = region === null ? '' : ` in ${region}`;
    const found = `${name}${place}, by ${byWords[detectedBy]}`;
    if (detectedBy !== 'shape') return { ...check, status: 'ok', found, next: null };
    return {
      ...check,
      status: 'warn',
      found,
      next: 'Other machines may look alike: name yours with --machine or in .gpucost.yaml.',
    };
  }
  const could = candidates.length === 0 ? '' : `; it could be ${candidates.join(', ')}`;
  return {
    ...check,
    status: 'warn',
    found: `unknown${could}`,
    next: 'Pass --machine PROVIDER/TYPE (gpucost rates list shows them), or put machine: into .gpucost.yaml.',
  };
}

const byWords: Readonly<Record<MachineFindings['detectedBy'], string>> = {
  flag: 'flag',
  config: 'the project file',
  environment: 'environment',
  dmi: 'firmware (DMI)',
  metadata: 'the metadata service',
  shape: 'its GPUs, CPUs and memory',
  none: 'nothing',
};

function rateCheck({ type, rate, rateProblem }: MachineFindings): Check {
  const check = { id: 'rate', title: 'Rate' } as const;
  if (rate !== null) {
    const age = rate.asOf === null ? '' : `, as of ${rate.asOf}`;
    const found = `${hourPrice(rate.perHourNanos)} ${rate.currency} per hour, ${rate.purchase}, ${rate.region}${age}`;
    if (rate.doubts.length === 0) return { ...check, status: 'ok', found, next: null };
    return {
      ...check,
      status: 'warn',
      found: `${found} (${rate.doubts.join(', ')})`,
      next: `Compare it with your invoice; gpucost rates show ${type ?? ''} tells where it is from, and --rates gives your own.`,
    };
  }
  if (type === null) {
    return { ...check, status: 'skip', found: 'needs the machine type', next: null };
  }
  return {
    ...check,
    status: 'warn',
    found: rateProblem?.message ?? 'no rate card has it',
    next:
      rateProblem?.hint ?? 'Write a rate card and pass it: gpucost report --rates my-rates.yaml.',
  };
}

/** Billionths of the currency as a decimal, at least two places and no more than the price has. */
function hourPrice(nanos: bigint): string {
  const whole = nanos / 1_000_000_000n;
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${whole}.${fraction.padEnd(2, '0')}`;
}

function bytesText(bytes: number): string {
  return bytes >= gib ? `${(bytes / gib).toFixed(1)} GiB` : `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
