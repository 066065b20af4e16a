import { aClue, toTime } from './clue.ts';
import { type Answer, ask, jsonObject, oneLine, textField } from './http.ts';
import type { Service, ServiceAnswer } from './metadata.ts';

/** AWS names of how an instance is bought (instance-life-cycle), as rate cards spell them. */
const purchases: ReadonlySet<string> = new Set([
  'on-demand',
  'spot',
  'scheduled',
  'capacity-block',
]);

/**
 * EC2's instance metadata, version 2: a token by PUT, then the identity document and the life cycle with it
 * (docs.aws.amazon.com/AWSEC2/latest/UserGuide, instancedata-data-retrieval). From a container one hop away the
 * answer to PUT is dropped (hop limit 1) while everything else is let through: then, and where there is no
 * token service, version 1 is tried, which answers unless the instance requires tokens.
 */
export async function askAws(service: Service): Promise<ServiceAnswer> {
  const token = await ask(`${service.base}/latest/api/token`, {
    ...service,
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
  });
  if (token.kind === 'silent' && !token.connected) return { silence: token.reason };

  // What is no token can't go into a header.
  const key = token.kind === 'answer' && token.status === 200 ? oneLine(token.body) : null;
  const headers: Record<string, string> = key === null ? {} : { 'X-aws-ec2-metadata-token': key };
  const get = (path: string): Promise<Answer> =>
    ask(`${service.base}/latest/${path}`, { ...service, headers });
  const [identity, lifeCycle] = await Promise.all([
    get('dynamic/instance-identity/document'),
    get('meta-data/instance-life-cycle'),
  ]);
  if (identity.kind === 'silent') return { silence: whySilent(token) ?? identity.reason };
  if (identity.status !== 200) {
    return { silence: whySilent(token) ?? `the identity document answers ${identity.status}` };
  }

  const document = jsonObject(identity.body);
  const type = textField(document, 'instanceType');
  if (type === null) return { silence: 'the answer is not an identity document' };
  const pendingTime = textField(document, 'pendingTime');
  const purchase =
    lifeCycle.kind === 'answer' && lifeCycle.status === 200 ? oneLine(lifeCycle.body) : null;
  const version = key === null ? 'IMDSv1' : 'IMDSv2';
  return aClue('metadata', `EC2 instance metadata (${version}): ${type}`, {
    provider: 'aws',
    type,
    region: textField(document, 'region'),
    purchase: purchase !== null && purchases.has(purchase) ? purchase : null,
    launchedAt: toTime(Date.parse(pendingTime ?? '')),
  });
}

/** Why no token came, where that is the reason for the silence. */
function whySilent(token: Answer): string | null {
  if (token.kind === 'answer') {
    return token.status === 200 ? null : `the token service answers ${token.status}`;
  }
  return (
    'connected, but no token came: in a container the hop limit is the usual cause ' +
    '(aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)'
  );
}
