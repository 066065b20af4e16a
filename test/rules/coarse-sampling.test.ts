import { coarseSampling } from '../../src/rules/coarse-sampling.ts';
import { testRule } from '../kit/test-rule.ts';
import { aGpu } from '../kit/usage-builder.ts';

testRule(coarseSampling, {
  detected: [
    {
      name: 'a scrape every 30 s',
      gpu: aGpu().busy('1h').every('30s'),
      severity: 'info',
      keepInterval: true,
    },
  ],
  clear: [
    { name: 'every second', gpu: aGpu().busy('1h') },
    { name: 'a single sample', gpu: aGpu().busy('10s').every('10s'), keepInterval: true },
  ],
  notJudged: [{ name: 'MIG', gpu: aGpu().busy('1h').every('30s').mig(), keepInterval: true }],
  edges: {
    interval: [{ gpu: aGpu().busy('1h').every('10s') }, { gpu: aGpu().busy('1h').every('9999ms') }],
  },
});
