import { expect, test } from 'vitest';
import type { NetworkReply } from '../../shared/api.ts';
import { reasonAgainstRaw } from './against-raw.ts';

const counts = { waiting: 0, running: 0, finished: 0, failed: 0 };
const offering = (workflow_id: string, miners: number): NetworkReply => ({
  miners: [],
  recent_failures: [],
  workflows: [{ workflow_id, task_type: workflow_id, title: workflow_id, miners, ...counts }],
});

test.each<[network: NetworkReply | undefined, reason: RegExp]>([
  [undefined, /for you\.$/],
  [{ isSilent: true }, /does not report what it can run/],
  [offering('tiny', 1), /only its own workflows/],
  [offering('raw', 0), /no miner of the network takes graphs/],
  [offering('raw', 1), /does not report which nodes its miners allow/],
])('%j: the page says what the network lacks', (network, reason) => {
  expect(reasonAgainstRaw(network)).toMatch(reason);
});
