import { parseNanos } from '../decimal.ts';
import { groupBy, median } from './checks.ts';
import type { PriceRow } from './price-row.ts';
import type { Tally } from './tally.ts';

/** One zone's row of a SkyPilot catalogue (vms.csv), columns by name: their order and set differ by provider. */
export interface CatalogueRow {
  readonly type: string;
  readonly accelerator: string;
  readonly count: number | null;
  readonly region: string;
  readonly zone: string;
  readonly onDemand: string | null;
  readonly spot: string | null;
  readonly vcpus: number | null;
  readonly memoryGib: number | null;
}

/** Zones of a region have one on-demand price and spot prices of their own. */
export function regionalPrices(
  rows: readonly CatalogueRow[],
  spot: 'median' | 'min',
  tally: Tally,
): readonly PriceRow[] {
  return [...groupBy(rows, (row) => JSON.stringify([row.type, row.region])).values()].flatMap(
    (zones) => {
      const [first] = zones;
      if (first === undefined) return [];
      const { type, region } = first;
      const common = { type, region, part: 'per_hour' as const, asOf: null, doubt: null };
      const onDemand = [...new Set(zones.flatMap((zone) => zone.onDemand ?? []))];
      if (onDemand.length > 1)
        tally.flag(`${type}, ${region}: on-demand ${onDemand.join(' and ')}, the first is taken`);
      const byZone = new Map(
        zones.flatMap(({ zone, spot: price }) => (price === null ? [] : [[zone, price] as const])),
      );
      const spots = [...byZone.values()];
      const chosen = spots.length === 0 ? null : chooseSpot(spots, spot);
      return [
        ...onDemand.slice(0, 1).map((price) => ({ ...common, purchase: 'on-demand', price })),
        ...(chosen === null
          ? []
          : [
              {
                ...common,
                purchase: 'spot',
                price: chosen,
                doubt:
                  spots.length > 1
                    ? `${spot === 'min' ? 'lowest' : 'median'} of ${spots.length} zones`
                    : null,
              },
            ]),
      ];
    },
  );
}

function chooseSpot(spots: readonly string[], how: 'median' | 'min'): string {
  const sorted = spots.toSorted((a, b) => (parseNanos(a) < parseNanos(b) ? -1 : 1));
  const wanted =
    how === 'min' ? sorted[0] : sorted.find((s) => parseNanos(s) === median(spots.map(parseNanos)));
  return wanted ?? sorted[0] ?? '0';
}
