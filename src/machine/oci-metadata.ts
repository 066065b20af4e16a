import { aClue, toTime } from './clue.ts';
import { ask, jsonObject, textField } from './http.ts';
import type { Service, ServiceAnswer } from './metadata.ts';

/**
 * Oracle Cloud's instance metadata, version 2: shape, region and creation
 * (docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata). `timeCreated` does not move when the instance is
 * stopped and started. Whether it can be preempted is not documented there, so the purchase stays unknown.
 */
export async function askOci(service: Service): Promise<ServiceAnswer> {
  const answer = await ask(`${service.base}/opc/v2/instance/`, {
    ...service,
    headers: { Authorization: 'Bearer Oracle' },
  });
  if (answer.kind === 'silent') return { silence: answer.reason };
  if (answer.status !== 200) return { silence: `answers ${answer.status}` };

  const instance = jsonObject(answer.body);
  const type = textField(instance, 'shape');
  if (type === null) return { silence: 'the answer has no shape' };
  return aClue('metadata', `Oracle Cloud instance metadata: ${type}`, {
    provider: 'oci',
    type,
    // `region` may be a short key such as iad.
    region: textField(instance, 'canonicalRegionName') ?? textField(instance, 'region'),
    launchedAt: toTime(instance?.['timeCreated']),
  });
}

/** True where the metadata's launch is a creation, which a stop and start does not move. */
export function launchSurvivesStop(provider: string | null): boolean {
  return provider === 'oci';
}
