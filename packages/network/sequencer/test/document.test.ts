import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@hey-api/openapi-ts';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calls } from '../src/http/document/calls.ts';
import { examples } from '../src/http/document/examples.ts';
import { type Network, startNetwork } from './support/network.ts';

const run = promisify(execFile);
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
const folder = mkdtempSync(join(tmpdir(), 'document-'));
let network: Network;
let source: string;

beforeAll(async () => {
  network = await startNetwork({ allowLegacyMiners: true });
  source = await (await fetch(`${network.url}/openapi.json`)).text();
});

afterAll(async () => {
  await network.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a linter of OpenAPI finds nothing to say', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source, absoluteRef: join(folder, 'openapi.json'), config });
  const lines = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
  expect(lines).toEqual([]);
});

test.each(calls)('the example of $name fits what is checked', ({ name, request, reply }) => {
  const example = examples[name];
  expect(request._zod.run({ value: example?.request, issues: [] }, {})).toMatchObject({ issues: [] });
  expect(reply._zod.run({ value: example?.reply, issues: [] }, {})).toMatchObject({ issues: [] });
});

test('docs/protocol.md has a row for each call', () => {
  const page = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');
  expect(calls.map(({ name }) => name).filter((name) => !page.includes(`| \`${name}\` `))).toEqual([]);
});

test('the names of operations stay: generated clients have them as functions', () => {
  const paths: Record<string, Record<string, { operationId?: string }>> = JSON.parse(source).paths;
  const names = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap((each) => each.operationId ?? []),
  );
  expect(names.toSorted()).toMatchInlineSnapshot(`
    [
      "alive",
      "artifact_read",
      "artifact_write",
      "audit_list",
      "docs",
      "file_create",
      "health",
      "key_change",
      "key_create",
      "key_limit",
      "key_list",
      "key_revoke",
      "key_rotate",
      "legacy_upload",
      "metrics",
      "miner_heartbeat",
      "miner_heartbeats",
      "miner_request",
      "miner_submit",
      "miner_upload",
      "network_status",
      "openapi",
      "ready",
      "resource_request",
      "session_create",
      "session_revoke",
      "task_cancel",
      "task_create",
      "task_events",
      "task_result_query",
      "tasks_create",
      "tasks_events",
      "tasks_query",
      "webhook_secret",
    ]
  `);
});

test('a server is named: the public address, or the one that was asked', async () => {
  expect(JSON.parse(source).servers).toEqual([{ url: network.url }]);
});

/** A program that has nothing of ours: it submits a task and prints what became of it. */
const program = (apiKey: string, url: string) => `
import { client } from './client/client.gen.ts';
import { taskCreate, taskResultQuery } from './client/sdk.gen.ts';

client.setConfig({ baseUrl: '${url}', auth: '${apiKey}' });
const body = { task_type: 'echo', task_details: { parameters: { text: 'from a generated client' } } };
const { data: submitted, error } = await taskCreate({ body });
if (!submitted) throw new Error(error.code);
for (;;) {
  const { data: task } = await taskResultQuery({ body: { task_id: submitted.task_id } });
  if (task?.status === 'failed') throw new Error(task.error?.message);
  if (task?.status === 'finished') {
    console.log(task.outputs?.[0]?.url, task.timings?.total_ms);
    break;
  }
}
`;

test('a generated client compiles, and runs a task', async () => {
  const output = { path: join(folder, 'client'), module: { extension: '.ts' as const } };
  const plugins = ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'] as const;
  await createClient({ input: JSON.parse(source), output, logs: { level: 'silent' }, plugins: [...plugins] });
  const file = join(folder, 'program.mts');
  writeFileSync(file, program(network.consumer, network.url));
  const settings = '--noEmit --strict --module nodenext --target es2024 --lib es2024,dom --allowImportingTsExtensions';
  await run(process.execPath, [tsc, ...settings.split(' '), file], { cwd: folder });
  const ran = run(process.execPath, [file]);
  const { lease_id } = await network.claim({ wait_seconds: 30 });
  const { artifact_id } = await network.upload(lease_id);
  await network.submit(lease_id, { artifact_ids: [artifact_id] });
  expect((await ran).stdout).toMatch(/^http:.+\/artifacts\/\S+ \d+\n$/);
}, 120_000);
