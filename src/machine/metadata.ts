import { askAws } from './aws-metadata.ts';
import { askAzure } from './azure-metadata.ts';
import type { Clue } from './clue.ts';
import { askGcp } from './gcp-metadata.ts';
import { askOci } from './oci-metadata.ts';

/** Base addresses of the metadata services, without a slash at the end; null is not to be asked. */
export type Endpoints = Readonly<Record<MetadataProvider, string | null>>;

export const metadataProviders = ['aws', 'gcp', 'azure', 'oci'] as const;

export type MetadataProvider = (typeof metadataProviders)[number];

const linkLocal = 'http://169.254.169.254';

/**
 * Where the services are asked: at the link-local address (GCP's metadata.google.internal is the same one, and a number
 * needs no name server), unless the environment names other places: those of the clouds' own tools
 * (AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_DISABLED, GCE_METADATA_HOST), or GPUCOST_METADATA_URL for all.
 */
export function endpointsOf(env: Readonly<Record<string, string | undefined>>): Endpoints {
  const all = addressOf(env['GPUCOST_METADATA_URL']) ?? linkLocal;
  const gce = env['GCE_METADATA_HOST'];
  return {
    aws:
      env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true'
        ? null
        : (addressOf(env['AWS_EC2_METADATA_SERVICE_ENDPOINT']) ?? all),
    gcp: (gce === undefined ? null : addressOf(`http://${gce}`)) ?? all,
    azure: all,
    oci: all,
  };
}

/** An http address without the slash at its end; null for anything else. */
function addressOf(text: string | undefined): string | null {
  if (text === undefined || !text.startsWith('http://') || !URL.canParse(text)) return null;
  return text.replace(/\/+$/, '');
}

/** A clue, or in words why there is none. */
export type ServiceAnswer = Clue | { readonly silence: string };

/** How one service is asked. */
export interface Service {
  readonly base: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** For one request. */
const requestMs = 1000;

/** For all services with all of their requests, of which some need two in a row; leaves room below two seconds. */
const totalMs = 1500;

const askers: Readonly<Record<MetadataProvider, (service: Service) => Promise<ServiceAnswer>>> = {
  aws: askAws,
  gcp: askGcp,
  azure: askAzure,
  oci: askOci,
};

/**
 * Asks the metadata services of the given providers at once; the first that answers as its provider's does wins and
 * the rest are dropped. One second a request, less than two in total whatever they do. Never rejects.
 */
export async function askMetadata(
  providers: readonly MetadataProvider[],
  endpoints: Endpoints,
): Promise<{ clue: Clue | null; silences: readonly string[] }> {
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort();
  }, totalMs);
  const silences: string[] = [];
  let clue: Clue | null = null;
  await Promise.all(
    providers.map(async (provider) => {
      const base = endpoints[provider];
      const answer =
        base === null
          ? { silence: 'its own settings forbid to ask it' }
          : await askers[provider]({ base, timeoutMs: requestMs, signal: stop.signal });
      if ('silence' in answer) silences.push(`${provider}: ${answer.silence}`);
      else if (clue === null) {
        clue = answer;
        stop.abort();
      }
    }),
  );
  clearTimeout(timer);
  return { clue, silences: silences.toSorted() };
}
