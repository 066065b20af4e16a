import type { Detection } from './clue.ts';
import type { Shape } from './shape.ts';

/** What `gpucost rates detect` shows beside the detection itself. */
export interface DetectionView {
  readonly detection: Detection;
  readonly shape: Shape;
  /** Why no GPU is seen, in nvidia-smi's words; null where some are. */
  readonly gpuFailure: string | null;
  readonly rate: DetectedRate;
}

/** The rate that the machine has on the cards, or why it has none. */
export type DetectedRate =
  | {
      readonly currency: string;
      readonly perHour: number;
      readonly region: string;
      readonly purchase: string;
      readonly sources: readonly string[];
    }
  | { readonly reason: string };

const shownCandidates = 8;

/** The detection for people. */
export function detectionText(view: DetectionView): string {
  const { facts, candidates, why } = view.detection;
  const rows: [string, string][] = [
    ['Machine', machineLine(view)],
    ['Launched', facts.launchedAt === null ? 'not known' : isoTime(facts.launchedAt)],
    ['Rate', rateLine(view.rate)],
    ['Seen', seenLine(view)],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(10)}${value}`);
  lines.push('', 'Where it was looked');
  for (const { source, outcome, says } of why) {
    lines.push(`  ${source.padEnd(13)}${outcome.padEnd(9)}${says}`);
  }
  if (facts.type === null && candidates.length > 0) {
    lines.push('', 'Could be');
    for (const { provider, type, differs } of candidates.slice(0, shownCandidates)) {
      const note = differs.length === 0 ? '' : `  (${differs.join(', ')})`;
      lines.push(`  ${provider}/${type}${note}`);
    }
    const more = candidates.length - shownCandidates;
    if (more > 0) lines.push(`  and ${more} more: gpucost rates list`);
  }
  if (facts.type === null) {
    lines.push('', 'Say which it is: --machine PROVIDER/TYPE, or `machine:` in .gpucost.yaml.');
  }
  return `${lines.join('\n')}\n`;
}

/** The detection for programs: names as in the report's machines, null for unknown. */
export function detectionJson(view: DetectionView): string {
  const { detection, shape, rate } = view;
  const { facts, candidates, why } = detection;
  const document = {
    schema: 'gpucost.detection/1',
    provider: facts.provider,
    type: facts.type,
    region: facts.region,
    purchase: facts.purchase,
    detectedBy: facts.detectedBy,
    launchedAt: facts.launchedAt === null ? null : isoTime(facts.launchedAt),
    rate: 'reason' in rate ? null : rate,
    rateMissing: 'reason' in rate ? rate.reason : null,
    seen: shape,
    candidates,
    why,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function machineLine({ detection }: DetectionView): string {
  const { provider, type, region, purchase, detectedBy } = detection.facts;
  if (provider === null && type === null) return 'not known';
  const name = `${provider ?? 'unknown provider'}/${type ?? 'unknown type'}`;
  const details = [region ?? 'region not known', purchase ?? 'purchase not known'];
  return `${name}, ${details.join(', ')} (by ${detectedBy})`;
}

function rateLine(rate: DetectedRate): string {
  if ('reason' in rate) return `none: ${rate.reason}`;
  const { currency, perHour, region, purchase, sources } = rate;
  return `${currency} ${perHour} an hour, ${purchase}, ${region} (${sources.join('; ')})`;
}

function seenLine({ shape, gpuFailure }: DetectionView): string {
  const gpus = shape.gpus.map(({ key, share, count }) => {
    const part = share === null || share === 1 ? '' : ` (${Math.round(share * 100)} % each)`;
    return `${count} × ${key ?? 'a GPU that the GPU table does not hold'}${part}`;
  });
  const memory = shape.memoryGib === null ? null : `${Math.round(shape.memoryGib)} GiB`;
  const seen = [
    ...(gpus.length === 0 ? [`no GPU (${gpuFailure ?? 'none is listed'})`] : gpus),
    ...(shape.vcpus === null ? [] : [`${shape.vcpus} vCPUs`]),
    ...(memory === null ? [] : [memory]),
  ];
  return seen.join(', ');
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
