import type { MinerStatus } from '@heurist/core';
import { expect, test } from 'vitest';
import type { NetworkView } from '../../shared/api.ts';
import { reasonAgainst } from './availability.ts';

const workflow = { task_type: 't', title: '', miners: 0, waiting: 0, running: 0, finished: 0, failed: 0 };
const network = (miners: Partial<MinerStatus>[]): NetworkView => ({
  miners: miners.map((miner) => ({ miner_id: 'm', is_busy: false, workflow_ids: [], lacks: {}, ...miner })),
  workflows: [
    { ...workflow, workflow_id: 'good', miners: 2 },
    { ...workflow, workflow_id: 'bad' },
  ],
  recent_failures: [],
});

test('why a workflow cannot run, as far as the network reports it', () => {
  expect(reasonAgainst(undefined, 'bad')).toBeUndefined();
  expect(reasonAgainst({ isSilent: true }, 'bad')).toBeUndefined();
  expect(reasonAgainst(network([]), 'good')).toBeUndefined();
  expect(reasonAgainst(network([]), 'none')).toMatch(/does not offer/);
  expect(reasonAgainst(network([]), 'bad')).toMatch(/No miners are connected/);
  expect(reasonAgainst(network([{}]), 'bad')).toMatch(/No connected miner offers/);
  const lacks = { bad: ['node class A', 'model file b.safetensors (from https://x/b, 2 GB)'] };
  const more = { bad: ['node class A', 'node class B', 'node class C'] };
  // of the miner that is missing least; the model first, without its address
  expect(reasonAgainst(network([{ lacks: more }, { lacks }]), 'bad')).toBe(
    'No connected miner can run this workflow. Missing: model file b.safetensors (2 GB), and 1 more.',
  );
});
