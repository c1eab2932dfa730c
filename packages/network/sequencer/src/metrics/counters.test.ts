import { expect, test } from 'vitest';
import { boundLabel } from './bound-label.ts';
import { Counters } from './counters.ts';
import { Traffic } from './traffic.ts';

const lines = async ({ registry }: Counters, name: string) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`) && !line.endsWith(' 0'));

test('a label has known values only, and not more than its limit', () => {
  const label = boundLabel(['a', 'a', 'b', 'c'], 2);
  expect(['a', 'b', 'c', 'made up', '', '__proto__'].map(label)).toEqual(['a', 'b', ...Array(4).fill('other')]);
});

test('a thousand names that strangers make up are one time series each', async () => {
  const counters = new Counters(['echo'], new Traffic());
  const before = (await counters.registry.metrics()).split('\n').length;
  for (let index = 0; index < 1000; index++) {
    counters.submitted(`w${index}`);
    counters.claimed(`w${index}`, 1);
    counters.failed(`code ${index}"\n`);
    counters.ended({ workflow_id: `w${index}`, status: 'finished', runSeconds: 1, uploadSeconds: 1, loadSeconds: 1 });
    counters.countRequest(`METHOD${index}`, undefined, 404);
  }
  expect(await lines(counters, 'heurist_tasks_submitted_total')).toEqual([
    'heurist_tasks_submitted_total{workflow_id="other"} 1000',
  ]);
  expect(await lines(counters, 'heurist_failures_total')).toEqual(['heurist_failures_total{code="other"} 1000']);
  expect(await lines(counters, 'heurist_http_requests_total')).toEqual([
    'heurist_http_requests_total{method="other",route="other",status="404"} 1000',
  ]);
  const after = (await counters.registry.metrics()).split('\n').length;
  expect(after - before).toBeLessThan(90);
});

test('of very many workflows, the first have lines of their own', async () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `w${index}`);
  const counters = new Counters(ids, new Traffic());
  for (const id of ids) counters.submitted(id);
  const found = await lines(counters, 'heurist_tasks_submitted_total');
  expect([found.length, found.at(-1)]).toEqual([201, 'heurist_tasks_submitted_total{workflow_id="other"} 800']);
});

test('what can be counted begins at 0, so that its first increase is seen', async () => {
  const text = await new Counters(['echo'], new Traffic()).registry.metrics();
  for (const line of [
    'heurist_tasks_ended_total{workflow_id="echo",outcome="failed"} 0',
    'heurist_failures_total{code="miner_lost"} 0',
    'heurist_claims_total{outcome="task"} 0',
    'heurist_heartbeats_total{outcome="refused"} 0',
    'heurist_webhook_deliveries_total{outcome="given_up"} 0',
    'heurist_received_bytes_total 0',
  ])
    expect(text.split('\n')).toContain(line);
});
