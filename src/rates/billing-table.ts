import type { RateCard } from './schema.ts';

const stepNotFound = 'not found';

/** The README's table of how providers bill, as Markdown: from the cards, by provider. */
export function billingTable(cards: readonly RateCard[]): string {
  return [
    '| provider | billed in steps of | ends the bill | does not end it | source |',
    '| --- | --- | --- | --- | --- |',
    ...cards
      .toSorted((a, b) => (a.provider < b.provider ? -1 : 1))
      .map(
        (card) =>
          `| ${[card.provider, stepText(card), ...endingTexts(card), sourceText(card)].join(' | ')} |`,
      ),
  ].join('\n');
}

function stepText({ billing, machines }: RateCard): string {
  if (billing?.increment === undefined) return stepNotFound;
  const others = new Set(
    Object.values(machines).flatMap((machine) => machine.billing?.minimum ?? []),
  );
  const minimum = billing.minimum === undefined ? '' : `, at least ${billing.minimum} a run`;
  return `${billing.increment}${minimum}${others.size === 0 ? '' : `; some machines ${[...others].join(', ')}`}`;
}

function endingTexts({ ending = [] }: RateCard): readonly [string, string] {
  const texts = (compute: 'ends' | 'continues'): string =>
    ending
      .filter((way) => way.compute === compute)
      .map(({ action, keeps = [], note }) => {
        const stays =
          keeps.length === 0 ? '' : ` (${keeps.join(', ')} ${keeps.length > 1 ? 'stay' : 'stays'})`;
        return `${action}${stays}${note === undefined ? '' : `: ${note}`}`;
      })
      .join('; ');
  return [texts('ends'), texts('continues')];
}

function sourceText({ sources }: RateCard): string {
  const source = sources['billing'];
  if (source === undefined) return 'none read';
  const note = source.note === undefined ? '' : ` (${source.note})`;
  return `${source.url === undefined ? '' : `<${source.url}>`}${note}, ${source.read}`;
}
