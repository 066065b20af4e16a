import { describe, expect, it } from 'vitest';
import { detectOptions } from '../../src/cli/detect-options.ts';
import { parseProject } from '../../src/config/project-file.ts';

const shape = { gpus: [], vcpus: null, memoryGib: null };
const optionsOf = (yaml: string, network: boolean) =>
  detectOptions(
    { network, machine: 'aws/g5.xlarge' },
    parseProject(yaml, '.gpucost.yaml'),
    shape,
    new Map(),
  );

describe('detectOptions', () => {
  it('takes what flags and the project file say', () => {
    expect(optionsOf('machine: gcp/g2-standard-4\nregion: us-central1\n', true)).toMatchObject({
      flag: { machine: 'aws/g5.xlarge', region: null, purchase: null },
      config: { machine: 'gcp/g2-standard-4', region: 'us-central1', purchase: null },
      network: true,
    });
  });

  it.each([
    ['', true, true],
    ['', false, false],
    ['network: false\n', true, false],
    ['network: true\n', true, true],
    ['network: true\n', false, false],
  ])('%j and the flag %s: network %s', (yaml, flag, network) => {
    expect(optionsOf(yaml, flag).network).toBe(network);
  });

  it('refuses what is neither true nor false, with its place', () => {
    expect(() => optionsOf('network: never\n', true)).toThrow('.gpucost.yaml:1');
  });
});
