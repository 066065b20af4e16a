import type { GpuUsage, Phase } from '../usage/usage.ts';
import type { Requirement } from './rule.ts';

const names: Readonly<Record<Requirement, string>> = {
  utilization: 'GPU utilization was not reported',
  memory: 'GPU memory in use was not reported',
  power: 'power draw was not reported',
  utilizationMemory: 'memory utilization was not reported',
  clocks: 'the SM clock was not reported',
  pcie: 'PCIe throughput was not reported',
  pcieLink: 'PCIe generation, lanes and their maximum were not reported under load',
  eventReasons:
    'why clocks are lowered was not reported: sample clocks_event_reasons.active (clocks_throttle_reasons.active on drivers before 535)',
  hostSignals: 'no host signals were recorded (a log has none, `gpucost watch` records them)',
  jobSignals: "the GPU processes' trees were not visible",
};

const ofPhase: Readonly<Partial<Record<Requirement, (phase: Phase) => boolean>>> = {
  utilizationMemory: (phase) => phase.utilizationMemoryPct !== null,
  clocks: (phase) => phase.clockSmMhz !== null,
  pcie: (phase) => phase.pcieMibPerS !== null,
  hostSignals: (phase) => Object.keys(phase.host).length + Object.keys(phase.job).length > 0,
  jobSignals: (phase) => Object.keys(phase.job).length > 0,
};

/** The first required reading that this GPU lacks, as a sentence for the report; null if none does. */
export function missingReading(usage: GpuUsage, requires: readonly Requirement[]): string | null {
  const missing = requires.find((requirement) => !isThere(usage, requirement));
  if (missing === undefined) return null;
  return missing === 'utilization' && usage.identity.migMode === true
    ? 'MIG mode: nvidia-smi does not report utilization'
    : names[missing];
}

function isThere(usage: GpuUsage, requirement: Requirement): boolean {
  if (requirement === 'utilization') return usage.utilizationPct !== null;
  if (requirement === 'memory') return usage.memoryUsedMib !== null;
  if (requirement === 'power') return usage.powerW !== null;
  const { loaded } = usage;
  if (requirement === 'pcieLink') return loaded.ms === 0 || loaded.linkKnownMs > 0;
  if (requirement === 'eventReasons') return loaded.ms === 0 || loaded.reasonsKnownMs > 0;
  const has = ofPhase[requirement];
  // Without any work there is nothing to read these from, and nothing that they would be needed for.
  return has === undefined || usage.phases.length === 0 || usage.phases.some(has);
}
