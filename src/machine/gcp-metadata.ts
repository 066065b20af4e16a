import { aClue } from './clue.ts';
import { ask, oneLine } from './http.ts';
import type { Service, ServiceAnswer } from './metadata.ts';

/**
 * Compute Engine's metadata server: machine type, zone and whether it can be preempted (TRUE for Spot too). Each
 * answer must carry Metadata-Flavor: Google. Attached GPUs and the launch are not told.
 * (cloud.google.com/compute/docs/metadata; header and paths as in cloud-init's DataSourceGCE.)
 */
export async function askGcp(service: Service): Promise<ServiceAnswer> {
  const get = async (path: string): Promise<{ text: string | null; silence: string }> => {
    const url = `${service.base}/computeMetadata/v1/instance/${path}`;
    const answer = await ask(url, { ...service, headers: { 'Metadata-Flavor': 'Google' } });
    if (answer.kind === 'silent') return { text: null, silence: answer.reason };
    if (answer.status !== 200) return { text: null, silence: `answers ${answer.status}` };
    return answer.headers['metadata-flavor'] === 'Google'
      ? { text: oneLine(answer.body), silence: 'the answer is empty' }
      : { text: null, silence: 'the answer is not from Google' };
  };
  const [machineType, zone, preemptible] = await Promise.all([
    get('machine-type'),
    get('zone'),
    get('scheduling/preemptible'),
  ]);
  const type = lastOf(machineType.text, 'machineTypes');
  if (type === null) {
    return { silence: machineType.text === null ? machineType.silence : 'no machine type' };
  }
  return aClue('metadata', `Compute Engine metadata: ${type}`, {
    provider: 'gcp',
    type,
    region: lastOf(zone.text, 'zones')?.replace(/-[a-z0-9]+$/, '') ?? null,
    purchase: purchases[preemptible.text ?? ''] ?? null,
  });
}

const purchases: Readonly<Record<string, string>> = { TRUE: 'spot', FALSE: 'on-demand' };

/** `g2-standard-4` of `projects/123/machineTypes/g2-standard-4`. */
function lastOf(path: string | null, kind: string): string | null {
  const match = /^projects\/[^/]+\/([A-Za-z]+)\/([a-z0-9-]+)$/.exec(path ?? '');
  return match?.[1] === kind ? (match[2] ?? null) : null;
}
