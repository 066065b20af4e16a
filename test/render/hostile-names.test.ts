import { describe, expect, it } from 'vitest';
import { renderFocus } from '../../src/render/focus/render.ts';
import { renderers } from '../../src/render/index.ts';
import type { Report } from '../../src/report/report.ts';
import { aReport } from '../kit/a-report.ts';

const options = { colorLevel: 0, width: 80, unicode: true, verbose: true } as const;

/** Every name that a stranger can choose. */
function named(name: string): Report {
  const base = aReport();
  const [gpu] = base.gpus;
  return {
    ...base,
    sources: base.sources.map((source) => ({ ...source, name })),
    machines: base.machines.map((machine) => ({ ...machine, host: name, type: name })),
    gpus: base.gpus.map((one) => ({ ...one, name })),
    warnings: [{ code: 'x', message: name }],
    groups:
      gpu === undefined
        ? null
        : { by: 'process', rows: [{ name, gpuHours: gpu.gpuHours, cost: gpu.cost }] },
  };
}

describe.each(['=1+1', '\u200b=1+1', '\ufeff@SUM(1)', '\u00ad+1+1', ' -1+1', '\uff1d1+1'])(
  'a name that a spreadsheet would run: %j',
  (name) => {
    const formula = /(^|,)"?[\p{Default_Ignorable_Code_Point}\s]*[=+@\-\uff1d](?![\d.]+(,|$))/mu;

    it('in the CSV', () => {
      const csv = renderers.csv(named(name), options);
      expect(csv).toContain("'");
      expect(csv).not.toMatch(formula);
    });

    it('in the FOCUS file', () => {
      const account = {
        billingAccountId: name,
        billingAccountName: name,
        billingAccountType: null,
        subAccountId: null,
        subAccountName: null,
        subAccountType: null,
      };
      const csv = renderFocus(named(name), { ...options, focus: { version: '1.2', account } });
      expect(csv).toContain("'");
      expect(csv).not.toMatch(formula);
    });
  },
);

/** Wherever a line breaks, one of these has its command at the next line's beginning. */
const breaking = Array.from({ length: 80 }, (_, i) => `${'x'.repeat(i + 1)} ::add-mask::pwned`);

it.each([
  ['at the beginning', ['::error::pwned']],
  ['where a line breaks', breaking],
  ['anywhere, of the old kind', ['x ##[error]pwned']],
])('no line is a command to a CI log: %s', (_, names) => {
  for (const format of ['table', 'markdown', 'csv', 'github'] as const) {
    const own = /^::(error|warning|notice) title=gpucost/;
    const lines = names.flatMap((name) => renderers[format](named(name), options).split('\n'));
    const obeyed = lines.filter((line) => /^\s*::|##\[/.test(line) && !own.test(line));
    expect(obeyed).toEqual([]);
  }
});
