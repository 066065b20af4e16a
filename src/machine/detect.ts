import { hostname } from 'node:os';
import { matchCard } from './card-match.ts';
import { aClue, type Candidate, type Clue, type Detection, FactsSoFar, toTime } from './clue.ts';
import { readDmi } from './dmi.ts';
import { type Env, readEnvironment, splitMachine } from './environment.ts';
import type { KnownMachine } from './known-machine.ts';
import { askMetadata, type Endpoints, endpointsOf, metadataProviders } from './metadata.ts';
import { matchShape, type Shape } from './shape.ts';

/** What the user says, by flag or in the project file; null is not said. */
export interface Named {
  /** `[provider/]type`. */
  readonly machine: string | null;
  readonly region: string | null;
  readonly purchase: string | null;
}

/** Where detection looks; other values only in tests. */
export interface DetectPlaces {
  readonly env: Env;
  readonly fsRoot: string;
  readonly dmiFolder: string;
  readonly hypervisorFolder: string;
  readonly hostname: string;
  readonly endpoints: Endpoints;
}

export interface DetectOptions {
  readonly flag: Named;
  readonly config: Named;
  /** False with --no-network or where the project file forbids it. */
  readonly network: boolean;
  readonly shape: Shape;
  readonly known: readonly KnownMachine[];
}

export const notNamed: Named = { machine: null, region: null, purchase: null };

/** The real places of this host. */
export function hostPlaces(): DetectPlaces {
  return {
    env: process.env,
    fsRoot: '/',
    dmiFolder: '/sys/class/dmi/id',
    hypervisorFolder: '/sys/hypervisor',
    hostname: hostname(),
    endpoints: endpointsOf(process.env),
  };
}

/**
 * Finds out which machine this is: flag, project file, environment, rate cards that match this host, DMI, metadata
 * services, and last the shape. An earlier word wins, a later one fills what is missing. What stays unknown is
 * null. Takes less than two seconds when nothing answers; never throws for what a place says.
 */
export async function detectMachine(
  options: DetectOptions,
  places: DetectPlaces,
): Promise<Detection> {
  const { known } = options;
  const facts = new FactsSoFar();
  addNamed(facts, 'flag', options.flag, known);
  addNamed(facts, 'config', options.config, known);

  const environment = readEnvironment(places.env, places.fsRoot);
  if (environment.operator !== null) facts.add(withProvider(environment.operator, known));
  const card = matchCard(known, { ...places, machineType: null });
  if (card !== null) facts.add(cardClue(card, places.env));
  else if (environment.platform !== null) facts.add(environment.platform);

  // Where a platform runs on another's machines, firmware and metadata describe a machine that is not billed.
  const isManaged = environment.isManaged || card !== null;
  if (!isManaged) addHost(facts, readDmi(places.dmiFolder, places.hypervisorFolder));
  await addMetadata(facts, isManaged, options, places);
  addCardOfType(facts, known, places);

  return { ...addShape(facts, options.shape, known), why: facts.steps };
}

/** The detection as a finished value, with the shape's word where the type is still open. */
function addShape(
  facts: FactsSoFar,
  shape: Shape,
  known: readonly KnownMachine[],
): { facts: FactsSoFar['facts']; candidates: readonly Candidate[] } {
  if (facts.facts.type !== null) return { facts: facts.facts, candidates: [] };
  const { chosen, candidates, says } = matchShape(shape, known, facts.facts.provider);
  if (chosen === null) facts.note('shape', 'nothing', says);
  else facts.add(aClue('shape', says, { provider: chosen.provider, type: chosen.type }));
  return { facts: facts.facts, candidates };
}

function addNamed(
  facts: FactsSoFar,
  source: 'flag' | 'config',
  named: Named,
  known: readonly KnownMachine[],
): void {
  const { machine, region, purchase } = named;
  if (machine === null && region === null && purchase === null) return;
  const where = source === 'flag' ? '--machine, --region, --purchase' : 'project file';
  const said = [machine, region, purchase].filter((part) => part !== null).join(', ');
  facts.add(
    withProvider(
      aClue(source, `${where}: ${said}`, { ...splitMachine(machine), region, purchase }),
      known,
    ),
  );
}

/** A type without its provider gets the one whose card alone has it. */
function withProvider(clue: Clue, known: readonly KnownMachine[]): Clue {
  const { provider, type } = clue;
  if (provider !== null || type === null) return clue;
  const providers = new Set(
    known
      .filter((machine) => machine.type === type || machine.aliases.includes(type))
      .map((machine) => machine.provider),
  );
  const [only] = providers;
  return providers.size === 1 && only !== undefined ? { ...clue, provider: only } : clue;
}

function addHost(facts: FactsSoFar, dmi: Clue | null): void {
  if (dmi === null) facts.note('dmi', 'nothing', 'DMI names no provider');
  else facts.add(dmi);
}

async function addMetadata(
  facts: FactsSoFar,
  managed: boolean,
  options: DetectOptions,
  places: DetectPlaces,
): Promise<void> {
  const { provider } = facts.facts;
  const asked = metadataProviders.filter((name) => provider === null || name === provider);
  const skipped = managed
    ? 'not asked: it would describe a machine that is not the one billed'
    : !options.network
      ? 'not asked: the network is forbidden (--no-network or the project file)'
      : asked.length === 0
        ? `not asked: ${provider} has none`
        : null;
  if (skipped !== null) {
    facts.note('metadata', 'skipped', skipped);
    return;
  }
  const { clue, silences } = await askMetadata(asked, places.endpoints);
  if (clue === null) facts.note('metadata', 'nothing', silences.join('; '));
  else facts.add(clue);
}

/** A card of the user's own that matches the type which was found prices the machine in its place. */
function addCardOfType(
  facts: FactsSoFar,
  known: readonly KnownMachine[],
  places: DetectPlaces,
): void {
  const { type, detectedBy } = facts.facts;
  if (type === null || detectedBy === 'flag' || detectedBy === 'config') return;
  const card = matchCard(known, { ...places, machineType: type });
  if (card === null || card.machine.match?.machineType !== type) return;
  facts.replaceMachine(card.machine, cardSays(card));
}

function cardClue(card: { machine: KnownMachine; by: string }, env: Env): Clue {
  const { provider, type, match } = card.machine;
  // In a job the charge begins with the allocation (Slurm, srun environment; seconds since 1970).
  const isJob = match !== null && (match.slurmCluster !== null || match.slurmPartition !== null);
  const startSeconds = Number.parseInt((isJob ? env['SLURM_JOB_START_TIME'] : null) ?? '', 10);
  return aClue('environment', cardSays(card), {
    provider,
    type,
    launchedAt: toTime(startSeconds * 1000),
  });
}

function cardSays({ machine, by }: { machine: KnownMachine; by: string }): string {
  return `rate card ${machine.provider}/${machine.type} matches by ${by}`;
}
