import { aClue } from './clue.ts';
import { type Answer, ask, isRecord, jsonObject, textField } from './http.ts';
import type { Service, ServiceAnswer } from './metadata.ts';

/** As cloud-init asks: a recent version, and one that older clouds have. */
const versions = ['2021-08-01', '2019-06-01'] as const;

/**
 * Azure's instance metadata: size, location and priority
 * (learn.microsoft.com/azure/virtual-machines/instance-metadata-service). It does not tell the launch.
 */
export async function askAzure(service: Service): Promise<ServiceAnswer> {
  let answer = await getInstance(service, versions[0]);
  if (answer.kind === 'answer' && answer.status === 400) {
    answer = await getInstance(service, versions[1]);
  }
  if (answer.kind === 'silent') return { silence: answer.reason };
  if (answer.status !== 200) return { silence: `answers ${answer.status}` };

  const instance = jsonObject(answer.body);
  const compute = isRecord(instance?.['compute']) ? instance['compute'] : null;
  const type = textField(compute, 'vmSize');
  if (type === null) return { silence: 'the answer has no compute.vmSize' };
  return aClue('metadata', `Azure instance metadata: ${type}`, {
    provider: 'azure',
    type,
    region: textField(compute, 'location'),
    purchase: purchaseOf(compute?.['priority']),
  });
}

function getInstance(service: Service, version: string): Promise<Answer> {
  return ask(`${service.base}/metadata/instance?api-version=${version}`, {
    ...service,
    headers: { Metadata: 'true' },
  });
}

/** Empty or Regular is on demand; Low is what scale sets called Spot before. A service that doesn't say is not guessed. */
function purchaseOf(priority: unknown): string | null {
  if (priority === 'Spot' || priority === 'Low') return 'spot';
  return priority === 'Regular' || priority === '' ? 'on-demand' : null;
}
