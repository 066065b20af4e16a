import { askAws } from './aws-metadata.ts';
import { askAzure } from './azure-metadata.ts';
import type { Clue } from './clue.ts';
import { askGcp } from './gcp-metadata.ts';
import { askOci } from './oci-metadata.ts';

/** Base addresses of the metadata services, without a slash at the end; configurable for tests and odd networks. */
export type Endpoints = Readonly<Record<MetadataProvider, string>>;

export const metadataProviders = ['aws', 'gcp', 'azure', 'oci'] as const;

export type MetadataProvider = (typeof metadataProviders)[number];

const linkLocal = 'http://169.254.169.254';

/** GCP's name metadata.google.internal is the same address; asking by number needs no name server. */
export const defaultEndpoints: Endpoints = {
  aws: linkLocal,
  gcp: linkLocal,
  azure: linkLocal,
  oci: linkLocal,
};

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
const totalMs = 1700;

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
      const service = { base: endpoints[provider], timeoutMs: requestMs, signal: stop.signal };
      const answer = await askers[provider](service);
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
