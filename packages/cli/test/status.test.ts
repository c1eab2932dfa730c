import type { NetworkStatus } from '@heurist/core';
import { expect, test } from 'vitest';
import { describeNetwork } from '../src/commands/status.ts';

const counts = { task_type: 't', title: '', miners: 0, waiting: 0, running: 0, finished: 0, failed: 0 };
const network: NetworkStatus = {
  miners: [
    { miner_id: 'rig1', is_busy: true, workflow_ids: ['sdxl'], lacks: {} },
    { miner_id: 'rig2', is_busy: false, workflow_ids: ['sdxl'], lacks: {} },
  ],
  workflows: [
    { ...counts, workflow_id: 'sdxl', miners: 2, running: 1, finished: 10, failed: 1, run_ms: 2345 },
    { ...counts, workflow_id: 'svd', waiting: 3 },
    { ...counts, workflow_id: 'unused' },
  ],
  recent_failures: [
    {
      task_id: 'a',
      workflow_id: 'sdxl',
      ended_at: '2026-01-01T00:00:00Z',
      error: { code: 'x', message: 'out of luck' },
    },
  ],
  dead_webhooks: [{ task_id: 'a', url: 'https://x', attempts: 1, last_error: 'The receiver answered 410.' }],
};

test('what runs, what waits for nobody, what failed', () => {
  expect(describeNetwork(network)).toBe(`2 miners, 1 busy: rig1, rig2
workflow  miners  waiting  running  finished/h  failed/h  takes
sdxl      2       0        1        10          1         2.3 s
svd       0       3        0        0           0
! 3 tasks are waiting for svd, which no connected miner can run
! 2026-01-01T00:00:00Z sdxl: out of luck
! gave up on webhook https://x: The receiver answered 410.
`);
});

test('miners that are put aside, or come back', () => {
  const failures = { failures: 2, codes: ['execution_failed', 'miner_lost'] };
  const put_aside = [
    { workflow_id: 'sdxl', until: '2026-01-01T00:00:00Z', ...failures },
    { workflow_id: 'svd', ...failures },
  ];
  const [first, second] = network.miners;
  expect(describeNetwork({ ...network, miners: [{ ...first!, put_aside }, second!] })).toContain(
    `
! rig1 is put aside for sdxl until 2026-01-01T00:00:00Z: 2 failures (execution_failed, miner_lost)
! rig1 gets few tasks of svd: 2 failures (execution_failed, miner_lost)
`,
  );
});

test('what miners hold, and how often tasks find their models in memory', () => {
  const models = { warm: 19, cold: 1, switches: 2, load_ms: 20_100 };
  const [sdxl, ...others] = network.workflows;
  const [first, second] = network.miners;
  const known = { ...network, recent_failures: [], dead_webhooks: [] };
  expect(
    describeNetwork({
      ...known,
      miners: [{ ...first!, models: ['sdxl.safetensors', 'a\u001b[31m'] }, second!],
      workflows: [{ ...sdxl!, models }, ...others],
    }),
  ).toBe(`2 miners, 1 busy: rig1, rig2
workflow  miners  waiting  running  finished/h  failed/h  takes  warm  switches  load
sdxl      2       0        1        10          1         2.3 s  95 %  2         20.1 s
svd       0       3        0        0           0
! 3 tasks are waiting for svd, which no connected miner can run
rig1 holds sdxl.safetensors, a
`);
});
