import { expect, it } from 'vitest';
import { auditSettings, outputSettings } from '../../src/config/options.ts';
import { parseProject } from '../../src/config/project-file.ts';

const project = parseProject(
  'machine: aws/p5.48xlarge\nregion: us-east-1\nrates: [ours.yaml]\nbudgets: { max_waste: 40%, fail_on: [critical] }\n',
  '/home/me/project/.gpucost.yaml',
);

it('flags beat the project file, and say where the machine comes from', () => {
  const settings = auditSettings(
    { machine: 'gcp/a2-highgpu-1g', network: true, maxWaste: 0.1 },
    project,
  );
  expect(settings).toMatchObject({
    machine: 'gcp/a2-highgpu-1g',
    machineBy: 'flag',
    region: 'us-east-1',
    gates: {
      maxWaste: { limit: 0.1, level: 'error' },
      maxCost: null,
      failOn: [{ limit: 'critical', level: 'error' }],
      strict: false,
    },
  });
  expect(auditSettings({ network: true }, project)).toMatchObject({
    machine: 'aws/p5.48xlarge',
    machineBy: 'config',
  });
});

it('cards of the project file lie relative to it, and those of flags come after them', () => {
  const { ratePaths } = auditSettings({ rates: ['mine.yaml'], network: true }, project);
  expect(ratePaths).toEqual(['/home/me/project/ours.yaml', 'mine.yaml']);
});

it('without a project file nothing is set', () => {
  expect(auditSettings({ network: true }, null)).toMatchObject({
    machine: null,
    billedFrom: { from: 'start' },
    gates: { maxWaste: null, maxCost: null, failOn: [] },
  });
});

it('a file’s extension picks its format; --format counts for the rest', () => {
  const targets = (flags: Partial<Parameters<typeof outputSettings>[0]>) =>
    outputSettings({ color: true, ...flags }).targets;
  expect(targets({})).toEqual([{ path: null, format: 'table' }]);
  expect(targets({ json: true })).toEqual([{ path: null, format: 'json' }]);
  expect(targets({ output: ['r.md', 'r.out', '-'], format: 'csv' })).toEqual([
    { path: 'r.md', format: 'markdown' },
    { path: 'r.out', format: 'csv' },
    { path: null, format: 'csv' },
  ]);
});
