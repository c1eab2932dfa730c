import { createServer } from 'node:http';
import { listen } from '@heurist/server-kit/listen';
import { expect, test } from 'vitest';
import { runTask } from '../src/consumer.ts';
import type { Change } from '../src/verdict/ledger.ts';
import { checkTasks } from '../src/verdict/tasks.ts';

const consumer = { owner: 'acme', key: 'acme#key', webhookUrl: '' };

/** A sequencer that takes a task, and of which nothing is heard afterwards. `asked` fires when it is asked for the result. */
async function startSilentSequencer() {
  const asked = new AbortController();
  const server = createServer((request, response) => {
    if (request.url === '/task_create') response.end('{"task_id":"a"}');
    else asked.abort();
  });
  const url = await listen(server, 0, '127.0.0.1');
  return { url, asked: asked.signal, stop: () => server.close(() => {}).closeAllConnections() };
}

test('a task that does not end in time is a problem with its state and history, not a hang', async () => {
  const { url, asked, stop } = await startSilentSequencer();
  const seen = await runTask([url], consumer, 1, () => 0.5, asked);
  stop();
  const change: Change = {
    ...{ task_id: 'a', owner: 'acme', workflow_id: 'paint', before: null, after: 'waiting', attempt: 0, turn: 1 },
    ...{ began: 0, committed: 0 },
  };
  const ledger = [change, { ...change, before: 'waiting', after: 'running', attempt: 1, committed: 1000 }];
  const { problems, ends } = await checkTasks([seen], ledger);
  expect(ends).toEqual({ stuck: 1 });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(
    /^task a: job \S+ did not end in time: .*; it is running in attempt 1: waiting 0 at 1970-01-01T00:00:00.000Z, running 1 at/,
  );
});

test('nor is one that nobody took', async () => {
  const seen = await runTask(['http://127.0.0.1:1'], consumer, 1, () => 0.5, AbortSignal.timeout(300));
  const { problems } = await checkTasks([seen], []);
  expect(problems).toEqual([expect.stringMatching(/that nobody took.*the database never saw it/)]);
});
