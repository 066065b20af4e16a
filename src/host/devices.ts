import { join } from 'node:path';
import { type ProcFiles, textOf } from './proc-file.ts';

/**
 * The disks whose traffic is counted: whole devices that hardware or a hypervisor stands behind. Left out are
 * partitions, memory and loop devices, and devices stacked on others (dm, md), because their
 * traffic is already in what they are made of.
 */
export function countedDisks(names: Iterable<string>, sysRoot: string, files: ProcFiles): string[] {
  const whole = files.list(join(sysRoot, 'block'));
  return [...names].filter((name) => {
    if (/^(?:loop|ram|zram|sr|fd)\d/.test(name)) return false;
    if (whole === null) return !looksLikePartition(name) && !/^(?:dm-|md)\d/.test(name);
    if (!whole.includes(name)) return false;
    return (files.list(join(sysRoot, 'block', name, 'slaves')) ?? []).length === 0;
  });
}

// Only where /sys/block is hidden: names as in the kernel's Documentation/admin-guide/devices.txt.
function looksLikePartition(name: string): boolean {
  return /^(?:(?:sd|hd|vd|xvd)[a-z]+\d+|(?:nvme\d+n\d+|mmcblk\d+|nbd\d+)p\d+)$/.test(name);
}

/**
 * The interfaces whose traffic is counted: those with a device behind them. An interface whose master has a
 * device of its own is left out (Azure's accelerated networking: both count the same packets). Where none has a
 * device (a container sees only its end of a veth pair), all but loopback, bridges, tunnels and stacked ones.
 */
export function countedInterfaces(
  names: Iterable<string>,
  sysRoot: string,
  files: ProcFiles,
): string[] {
  const candidates = [...names].filter((name) => name !== 'lo');
  const entries = new Map<string, readonly string[]>();
  const entriesOf = (name: string): readonly string[] => {
    const known = entries.get(name) ?? files.list(join(sysRoot, 'class/net', name)) ?? [];
    entries.set(name, known);
    return known;
  };
  const physical = candidates.filter((name) => entriesOf(name).includes('device'));
  if (physical.length > 0) {
    return physical.filter((name) => {
      const master = entriesOf(name).includes('master') ? masterOf(name, sysRoot, files) : null;
      return master === null || !physical.includes(master);
    });
  }
  return candidates.filter((name) => {
    if (/^(?:ifb|dummy|docker|veth|br-|virbr|cni|flannel|cali)/.test(name)) return false;
    return !entriesOf(name).some(
      (entry) => /^(?:bridge|bonding|tun_flags)$/.test(entry) || entry.startsWith('lower_'),
    );
  });
}

function masterOf(name: string, sysRoot: string, files: ProcFiles): string | null {
  const text = textOf(files.read(join(sysRoot, 'class/net', name, 'master/uevent')));
  return /^INTERFACE=(\S+)/m.exec(text ?? '')?.[1] ?? null;
}
