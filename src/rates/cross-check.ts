import { parseNanos } from './decimal.ts';
import { durationMs } from './duration.ts';
import { dotted } from './issues.ts';
import type { Problem } from './problem.ts';
import type { CardPrice, RateCard } from './schema.ts';
import type { YamlText } from './yaml-text.ts';
import type { Path } from './yaml-values.ts';

/** What the schema can't see in one key: inheritance, references and doubles. */
export function crossCheck(card: RateCard, yaml: YamlText): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (path: Path, message: string): void => {
    problems.push({ ...yaml.place(path), key: dotted(path), message });
  };

  const lists: { path: Path; prices: readonly CardPrice[] }[] = [
    ...Object.entries(card.accelerators ?? {}).map(([key, { prices }]) => ({
      path: ['accelerators', key, 'prices'],
      prices,
    })),
    ...Object.entries(card.machines).map(([type, { prices }]) => ({
      path: ['machines', type, 'prices'],
      prices: prices ?? [],
    })),
  ];
  for (const { path, prices } of lists) {
    const seen = new Set<string>();
    prices.forEach((price, i) => {
      const at = [...path, i];
      checkPrice(price, card, (key, message) => report([...at, ...key], message));
      const { region, purchase } = { ...card.defaults, ...price };
      const identity = JSON.stringify([region, purchase, price.valid?.from]);
      if (seen.has(identity)) {
        report(
          at,
          `expected one price for ${region}, ${purchase} and the same valid.from, got a second one`,
        );
      }
      seen.add(identity);
    });
  }
  for (const [type, machine] of Object.entries(card.machines)) {
    if (machine.share !== undefined && machine.gpus === 'attached') {
      report(['machines', type, 'share'], 'expected no share with gpus: attached, got one');
    }
  }
  if (card.units !== undefined && card.sources[card.units.source] === undefined) {
    report(['units', 'source'], unknownSource(card, card.units.source));
  }
  return problems;
}

const parts = [
  'per_hour',
  'per_gpu_hour',
  'per_vcpu_hour',
  'per_gib_hour',
  'units_per_hour',
  'own',
] as const;

function checkPrice(
  price: CardPrice,
  card: RateCard,
  report: (key: Path, message: string) => void,
): void {
  const whole = { ...card.defaults, ...price };
  for (const key of ['region', 'purchase', 'source', 'confidence'] as const) {
    if (whole[key] === undefined) {
      report([key], `expected a ${key} here or in defaults, got nothing`);
    }
  }
  if (whole.as_of === undefined) {
    report(['as_of'], 'expected a date here or in defaults, got nothing (null if it is not known)');
  }
  if (whole.as_of === null && whole.confidence === 'high') {
    report(['as_of'], 'expected a date, or a confidence below high, got null with high');
  }
  if (whole.source !== undefined && card.sources[whole.source] === undefined) {
    report(['source'], unknownSource(card, whole.source));
  }
  if (parts.every((key) => price[key] === undefined)) {
    report([], `expected a price part (${parts.join(', ')}), got none; null if it is not known`);
  }
  if (
    price.units_per_hour !== undefined &&
    price.units_per_hour !== null &&
    card.units === undefined
  ) {
    report(['units_per_hour'], 'expected units with a pack price in this file, got none');
  }
  const discount = price.automatic_discount;
  if (discount !== undefined && card.discounts?.[discount] === undefined) {
    report(['automatic_discount'], `expected an id of discounts, got "${discount}"`);
  }
  checkOwn(price, report);
  const { from, until } = price.valid ?? {};
  if (from !== undefined && until !== undefined && from >= until) {
    report(['valid', 'until'], `expected a date after ${from}, got ${until}`);
  }
}

function checkOwn({ own }: CardPrice, report: (key: Path, message: string) => void): void {
  if (own === undefined) return;
  if (parseNanos(own.residual ?? '0') > parseNanos(own.purchase_price)) {
    report(['own', 'residual'], `expected at most the purchase price, got "${own.residual}"`);
  }
  if (durationMs(own.lifetime) === 0) {
    report(['own', 'lifetime'], `expected more than nothing, got "${own.lifetime}"`);
  }
}

function unknownSource(card: RateCard, id: string): string {
  return `expected an id of sources (${Object.keys(card.sources).join(', ')}), got "${id}"`;
}
