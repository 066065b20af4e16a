import { type HostColumn, hostColumns } from '../host/columns.ts';
import type { GpuIdentity, SampleBlock } from '../sample/columns.ts';
import type { HostIdentity, MachineFacts } from '../store/lines.ts';
import type { Recording, RecordingItem } from '../store/recording.ts';
import type { Span } from '../usage/accounts.ts';
import type { Cuts } from '../usage/cuts.ts';
import { HolderTrack } from '../usage/holder-track.ts';
import { JobSignals } from '../usage/job-signals.ts';
import { MountWaits } from '../usage/mount-waits.ts';
import { UsagePart } from '../usage/part.ts';
import type { SampleSource } from '../usage/sample-source.ts';
import { SignalTrack } from '../usage/signals.ts';
import { windowMsFor } from '../usage/windows.ts';
import { type WorkTrack, WorkTracks } from '../usage/work-track.ts';
import { groupByMachine, refuseTwins } from './group.ts';
import { ProcessLists } from './process-lists.ts';
import { longestSignalMs, paceOf } from './signal-pace.ts';
import { OpenSource } from './source.ts';
import { unnamedGpu } from './unnamed-gpu.ts';
import { joinSpans } from './watched-spans.ts';
import { type TalliedXid, XidTally } from './xid-tally.ts';

/** What the recordings of one machine hold, read once and added up. */
export interface CollectedMachine {
  readonly recordings: readonly CollectedRecording[];
  readonly host: HostIdentity | null;
  readonly facts: MachineFacts | null;
  readonly gpus: readonly CollectedGpu[];
  readonly hostSignals: SignalTrack<HostColumn>;
  /** Spans in which somebody watched, ascending, apart from each other. */
  readonly watched: readonly Span[];
  readonly cuts: Cuts;
  /** What the run itself counted; empty without `--progress`. */
  readonly work: readonly WorkTrack[];
  readonly xids: readonly TalliedXid[];
  /** The coarsest interval among the recordings. */
  readonly intervalMs: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** A recording with its watched time. */
export interface CollectedRecording {
  readonly recording: Recording;
  readonly samples: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface CollectedGpu {
  readonly identity: GpuIdentity;
  readonly part: UsagePart;
  readonly nominalMs: number;
  readonly jobSignals: JobSignals;
  readonly holders: HolderTrack;
  readonly jobNames: readonly string[];
  readonly waits: MountWaits;
  readonly driverDown: readonly Span[];
}

/** Reads recordings to their end; those of one host, or that share a GPU's UUID, are one machine. */
export async function collect(
  recordings: readonly Recording[],
  window: { readonly startMs: number; readonly endMs: number },
): Promise<CollectedMachine[]> {
  const sources: OpenSource[] = [];
  for (const recording of recordings) sources.push(await OpenSource.open(recording));
  refuseTwins(sources);
  const machines: CollectedMachine[] = [];
  for (const group of groupByMachine(sources)) {
    machines.push(await new MachineReader(group, window).read());
  }
  return machines;
}

/** How many names of jobs are kept for a GPU. */
const maxJobNames = 20;

interface GpuReader {
  identity: GpuIdentity;
  readonly part: UsagePart;
  nominalMs: number;
  readonly queue: { block: SampleBlock; at: number; source: SampleSource }[];
  readonly jobSignals: JobSignals;
  readonly holders: HolderTrack;
  readonly jobNames: Set<string>;
  readonly waits: MountWaits;
}

/** Reads the sources of one machine side by side in time, so that a millisecond held by two of them counts once. */
class MachineReader {
  readonly #sources: readonly OpenSource[];
  readonly #cuts: Cuts;
  readonly #gpus = new Map<string, GpuReader>();
  readonly #hostSignals = new SignalTrack<HostColumn>(hostColumns);
  readonly #driverDown: { startMs: number; endMs: number; source: OpenSource }[] = [];
  readonly #processes = new ProcessLists<OpenSource>();
  readonly #work = new WorkTracks();
  readonly #xids = new XidTally();
  readonly #warnings = new Map<string, { code: string; message: string }>();

  constructor(sources: readonly OpenSource[], window: { startMs: number; endMs: number }) {
    this.#sources = sources.filter((s) => Number.isFinite(s.startMs));
    const starts = this.#sources.map((s) => s.startMs).sort((a, b) => a - b);
    this.#cuts = { ...window, atMs: starts };
  }

  async read(): Promise<CollectedMachine> {
    const open = new Set(this.#sources);
    while (open.size > 0) {
      const behind = [...open].reduce((a, b) => (b.frontierMs < a.frontierMs ? b : a));
      const item = await behind.next();
      if (item) this.#take(item, behind);
      else this.#end(behind, open);
      // What is older than every source's frontier can't be preceded by anything that is still to come.
      const alone = this.#sources.length === 1;
      this.#drain(alone ? Infinity : Math.min(...Array.from(open, (s) => s.frontierMs)));
    }
    this.#drain(Infinity);
    return this.#result();
  }

  /** A driver that was down when a recording ended says nothing of the next one. */
  #end(source: OpenSource, open: Set<OpenSource>): void {
    open.delete(source);
    this.#processes.end(this.#tracksOf(source), source);
    for (const down of this.#driverDown) {
      if (down.source === source && down.endMs === Infinity) {
        down.endMs = Math.max(down.startMs, source.endMs);
      }
    }
  }

  #take(item: RecordingItem, source: OpenSource): void {
    switch (item.kind) {
      case 'gpus':
        for (const identity of item.gpus) this.#gpu(identity, source);
        return;
      case 'samples': {
        const identity =
          source.gpus.find((g) => g.id === item.block.gpu) ?? unnamedGpu(item.block.gpu);
        const gpu = this.#gpu(identity, source);
        gpu.queue.push({
          block: item.block,
          at: 0,
          source: source.sampleSource(item.block, this.#sources.length === 1),
        });
        return;
      }
      case 'host':
        this.#hostSignals.add(item.block, paceOf(item.block), longestSignalMs);
        return;
      case 'job':
        for (const id of item.gpus) {
          const gpu = this.#gpus.get(id);
          if (!gpu) continue;
          const process = `${source.recording.name} ${item.pid}`;
          gpu.jobSignals.add(process, item.block, paceOf(item.block), longestSignalMs);
          if (gpu.jobNames.size < maxJobNames) gpu.jobNames.add(item.name);
        }
        return;
      case 'processes':
        for (const process of item.processes) {
          const gpu = this.#gpus.get(source.gpus[process.gpu]?.id ?? '');
          if (gpu && gpu.jobNames.size < maxJobNames) gpu.jobNames.add(process.name);
        }
        this.#processes.list(this.#tracksOf(source), item, source);
        return;
      case 'shares':
        this.#processes.shares(this.#tracksOf(source), item);
        return;
      case 'waits':
        for (const id of item.gpus) this.#gpus.get(id)?.waits.add(item);
        return;
      case 'event':
        if (item.event.code === 'driver-lost') {
          this.#driverDown.push({ startMs: item.event.t, endMs: Infinity, source });
        } else if (item.event.code === 'driver-back') {
          const down = this.#driverDown.findLast((d) => d.source === source);
          if (down?.endMs === Infinity) down.endMs = item.event.t;
        } else if (item.event.xid !== undefined) {
          const gpu = source.gpus[item.event.xid.gpu ?? -1]?.id ?? null;
          this.#xids.add(item.event.t, item.event.xid, gpu, this.#cuts);
        } else this.#warn(item.event.code, item.event.message);
        return;
      case 'progress':
        this.#work.add(source.recording.name, item.reading, this.#cuts);
        return;
      case 'warning':
        this.#warn(item.code, item.message);
        return;
      case 'end':
        if (item.reason === 'command-ended' && item.timeMs <= this.#cuts.endMs) {
          this.#work.end(source.recording.name);
        }
        return;
      default:
        item satisfies never;
    }
  }

  /** By position in the source's list of GPUs. */
  #tracksOf(source: OpenSource): readonly (HolderTrack | undefined)[] {
    return source.gpus.map(({ id }) => this.#gpus.get(id)?.holders);
  }

  #gpu(identity: GpuIdentity, source: OpenSource): GpuReader {
    const known = this.#gpus.get(identity.id);
    if (known) {
      known.identity = identity;
      known.nominalMs = Math.max(known.nominalMs, source.nominalMs);
      return known;
    }
    const gpu = {
      identity,
      part: new UsagePart(windowMsFor(source.nominalMs), this.#cuts),
      nominalMs: source.nominalMs,
      queue: [],
      jobSignals: new JobSignals(),
      holders: new HolderTrack(),
      jobNames: new Set<string>(),
      waits: new MountWaits(),
    };
    this.#gpus.set(identity.id, gpu);
    return gpu;
  }

  /** Adds the queued samples before an instant, in order of time over all sources. */
  #drain(beforeMs: number): void {
    for (const gpu of this.#gpus.values()) {
      const { queue, part } = gpu;
      for (;;) {
        const next = queue.reduce<(typeof queue)[number] | null>(
          (a, b) => (a === null || timeAt(b) < timeAt(a) ? b : a),
          null,
        );
        if (!next || timeAt(next) >= beforeMs) break;
        // A source goes on until another one is older: blocks of one source are in order.
        let limit = beforeMs;
        for (const other of queue)
          if (other !== next && timeAt(other) < limit) limit = timeAt(other);
        const to = firstAtOrAfter(next.block, next.at, limit);
        const end = Math.max(to, next.at + 1);
        part.addBlock(next.block, next.source, next.at, end);
        next.at = end;
        if (end >= next.block.length) queue.splice(queue.indexOf(next), 1);
      }
    }
  }

  #warn(code: string, message: string): void {
    this.#warnings.set(`${code} ${message}`, { code, message });
  }

  #result(): CollectedMachine {
    const facts = this.#sources.map((s) => s.recording.machine).findLast((m) => m !== null) ?? null;
    const gpus = [...this.#gpus.values()].map((gpu) => ({
      identity: gpu.identity,
      part: gpu.part,
      nominalMs: gpu.nominalMs,
      jobSignals: gpu.jobSignals,
      holders: gpu.holders,
      jobNames: [...gpu.jobNames].sort(),
      waits: gpu.waits,
      driverDown: this.#driverDown,
    }));
    return {
      recordings: this.#sources.map(({ recording, samples, startMs, endMs }) => ({
        recording,
        samples,
        startMs,
        endMs: Math.max(startMs, endMs),
      })),
      host: this.#sources.map((s) => s.recording.host).findLast((h) => h !== null) ?? null,
      facts,
      gpus,
      hostSignals: this.#hostSignals,
      watched: joinSpans(this.#sources),
      cuts: this.#cuts,
      work: this.#work.tracks(),
      xids: this.#xids.all(),
      intervalMs: Math.max(...this.#sources.map((s) => s.nominalMs)),
      warnings: [...this.#warnings.values()],
    };
  }
}

function timeAt(entry: { readonly block: SampleBlock; readonly at: number }): number {
  return entry.block.timeMs[entry.at] ?? Infinity;
}

function firstAtOrAfter(block: SampleBlock, from: number, timeMs: number): number {
  if (timeMs === Infinity) return block.length;
  let i = from;
  while (i < block.length && (block.timeMs[i] ?? Infinity) < timeMs) i++;
  return i;
}
