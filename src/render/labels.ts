import type { Report, ReportGpu, ReportMachine } from '../report/report.ts';
import { plain, ranges } from './text.ts';

/** `3`, or `node-a/3` where the report has several machines. */
export function gpuLabel(report: Report, gpu: ReportGpu): string {
  const own = gpu.index === null ? plain(gpu.uuid ?? gpu.id) : `${gpu.index}`;
  if (report.machines.length < 2) return own;
  const machine = report.machines.find(({ id }) => id === gpu.machine);
  return `${machine === undefined ? gpu.machine : machineName(machine)}/${own}`;
}

/** `GPU 3`, `GPUs 0–3, 5`, `all 8 GPUs`. */
export function gpuList(report: Report, ids: readonly string[], dash: string): string {
  const gpus = report.gpus.filter(({ id }) => ids.includes(id));
  const [first] = gpus;
  if (first === undefined) return ids.map(plain).join(', ');
  if (gpus.length === 1) return `GPU ${gpuLabel(report, first)}`;
  if (gpus.length === report.gpus.length) return `all ${gpus.length} GPUs`;
  const indexes = gpus.flatMap(({ index }) => (index === null ? [] : [index]));
  if (report.machines.length > 1 || indexes.length < gpus.length) {
    return `GPUs ${gpus.map((gpu) => gpuLabel(report, gpu)).join(', ')}`;
  }
  return `GPUs ${ranges(indexes, dash)}`;
}

/** The host's name, else the report's own id of the machine. */
export function machineName(machine: ReportMachine): string {
  return plain(machine.host ?? machine.id);
}

/** Where a report of one machine comes from: its host's name, or the logs' names where they have no host. */
export function placeName(report: Report): string {
  const hosts = report.machines.flatMap(({ host }) => (host === null ? [] : [plain(host)]));
  if (hosts.length > 0) return hosts.join(', ');
  const [first = '', ...others] = report.sources.map(({ name }) => plain(name));
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** `aws/p5.48xlarge us-east-1 on-demand`, as far as it is known; null where nothing is. */
export function machineType(machine: ReportMachine): string | null {
  const { provider, type, region, purchase } = machine;
  const name = [provider, type].filter((part) => part !== null).join('/');
  const words = [name, region === 'any' ? null : region, purchase];
  return type === null
    ? null
    : plain(words.filter((part) => part !== null && part !== '').join(' '));
}

/** `8 × NVIDIA H100 80GB HBM3`, one part a model. */
export function gpuModels(gpus: readonly ReportGpu[], times: string): string {
  const counts = new Map<string, number>();
  for (const gpu of gpus) {
    const name = plain(gpu.name ?? 'GPU of unknown model');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${times} ${name}`).join(', ');
}

/** True for an entry of what was not judged that stands for a suppressed finding, which is listed by itself. */
export function isSuppressedEntry(
  { suppressed = [] }: Report,
  entry: Report['notJudged'][number],
): boolean {
  return suppressed.some(
    ({ rule, gpus, suppression }) =>
      rule === entry.rule &&
      gpus.join() === entry.gpus.join() &&
      entry.reason.startsWith(`suppressed until ${suppression.until}`),
  );
}
