// Which graph `heurist run <package>` has the flags of, with networks that run one graph, another, or do not answer.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '@heurist/server-kit/listen';
import { runHere } from '@heurist/test-servers/commands';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runHeurist } from '../src/run-heurist.ts';

const cwd = mkdtempSync(join(tmpdir(), 'choose-'));
/** Graphs that miners run; nothing: the network does not answer. */
let served: string[] | undefined;
let created: { workflow_id?: string; task_details: object }[] = [];
let asked: string[] = [];
let url = '';

const server = createServer(async (request, response) => {
  const path = request.url!.slice(1);
  asked.push(path);
  let body = '';
  for await (const chunk of request) body += chunk;
  const send = (status: number, value: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (path === 'network_status') {
    const workflow = (workflow_id: string) => ({
      workflow_id,
      miners: served!.includes(workflow_id) ? 1 : 0,
      waiting: 0,
    });
    if (served) send(200, { miners: [], workflows: ['sdxl', 'flux-dev', 'tiny'].map(workflow), recent_failures: [] });
  } else if (path === 'task_create') {
    created.push(JSON.parse(body));
    send(400, { code: 'invalid_request', message: 'seen' });
  } else send(404, { code: 'not_found', message: 'no such call' });
});

beforeAll(async () => {
  url = await listen(server, 0, '127.0.0.1');
});
beforeEach(() => {
  [created, asked, served] = [[], [], []];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(cwd, { recursive: true, force: true });
});

/** How long the help waits for a network: long for one that answers on a busy machine, or short for one that does not. */
const [PATIENT_MS, HASTY_MS] = [10_000, 300];
const atNetwork = (): Record<string, string> => ({ HEURIST_WORKFLOW_URL: url, HEURIST_API_KEY: 'a#b' });
const run = (args: string[], env = atNetwork(), askLimitMs = PATIENT_MS) =>
  runHere(() => runHeurist(['run', ...args], { askLimitMs }), { cwd, env });
const draw = (...flags: string[]) => run(['text2image', '--prompt', 'x', ...flags]);

describe('the help', () => {
  const help = async (args: string[] = [], env?: Record<string, string>, askLimitMs?: number) =>
    (await run(['text2image', ...args, '--help'], env, askLimitMs)).stdout;

  test('has the defaults of the graph that would run there', async () => {
    served = ['tiny'];
    expect(await help()).toMatch(
      /--width <\w+> .*default 128.*^Options and defaults of tiny, which would run on http/ms,
    );
    served = ['flux-dev', 'tiny'];
    expect(await help()).toMatch(/--guidance.*^Options and defaults of flux-dev, which would run/ms);
    served = ['tiny', 'sdxl'];
    expect(await help()).toMatch(/default 1024.*^Options and defaults of sdxl, which would run/ms);
  });

  test('with flags, of the graph that takes them', async () => {
    served = ['tiny', 'flux-dev'];
    expect(await help(['--width', '832', '--height=1216'])).toContain('defaults of flux-dev, which would run');
    served = ['tiny'];
    expect(await help(['--width', '128'])).toContain('defaults of tiny, which would run');
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    ['runs none of them', atNetwork, /no miner connected to http\S+ runs text2image\.$/],
    ['is not named', () => ({}), /No sequencer address\. Set HEURIST_WORKFLOW_URL/],
    ['has no key here', () => ({ HEURIST_WORKFLOW_URL: url }), /No API key\. Set HEURIST_API_KEY/],
    [
      'is down',
      () => ({ HEURIST_WORKFLOW_URL: 'http://127.0.0.1:9', HEURIST_API_KEY: 'a#b' }),
      /The network at http:\/\/127\.0\.0\.1:9 did not answer within 0\.3 s\.$/,
    ],
    [
      'has no such address',
      () => ({ HEURIST_WORKFLOW_URL: 'ftp://x', HEURIST_API_KEY: 'a#b' }),
      /"ftp:\/\/x" is not an http\(s\) address/,
    ],
    [
      'knows no such call',
      () => ({ HEURIST_WORKFLOW_URL: `${url}/below`, HEURIST_API_KEY: 'a#b' }),
      /does not say which graphs it runs: no such call$/,
    ],
  ])('says in one line that the network %s, with the defaults of the first', async (_, env, message) => {
    const askLimitMs = message.source.includes('did not answer') ? HASTY_MS : PATIENT_MS;
    const { code, stdout, stderr } = await run(['text2image', '--help'], env(), askLimitMs);
    const [last = ''] = stdout.trimEnd().split('\n').slice(-1);
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('default 1024')]);
    expect(last).toMatch(/^Options and defaults of sdxl, the first graph/);
    expect(last).toMatch(message);
  });

  test('does not wait for a network that does not answer', async () => {
    served = undefined;
    const start = performance.now();
    expect(await help([], atNetwork(), HASTY_MS)).toMatch(
      /defaults of sdxl, the first graph\. The network at \S+ did not answer within 0\.3 s\.\n$/,
    );
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('with --local, of the graph that runs on this machine', async () => {
    served = ['sdxl'];
    expect(await help(['--local'])).toMatch(/default 128.*^Options and defaults of tiny, which --local runs\./ms);
    expect(asked).toEqual([]);
  });

  test('of one graph needs no network', async () => {
    expect((await run(['sdxl', '--help'])).stdout).not.toContain('Options and defaults of');
    expect((await run(['text2image', '--workflow-id', 'tiny', '--help'])).stdout).toContain('default 128');
    expect((await run(['upscaler', '--help'])).stdout).not.toContain('Options and defaults of');
    expect(asked).toEqual([]);
  });
});

describe('a flag of another graph', () => {
  test.each([[['flux-dev']], [['tiny', 'flux-dev']]])('is taken on a network that runs %j', async (ids) => {
    served = ids;
    expect((await draw('--guidance', '3')).stderr).toContain('seen');
    expect(created).toMatchObject([{ task_details: { parameters: { prompt: 'x', guidance: 3 } } }]);
    // the network picks by the same rule, when the task arrives
    expect(created[0]).not.toHaveProperty('workflow_id', expect.any(String));
  });

  test.each([[['tiny']], [['sdxl', 'tiny']], [[]]])(
    'on a network that runs %j, the error names the graph',
    async (ids) => {
      served = ids;
      expect(await draw('--guidance', '3')).toMatchObject({
        code: 1,
        stderr:
          'error: --guidance is an option of flux-dev: add --workflow-id flux-dev, to wait for a miner that runs it: none is connected.\n',
      });
      expect(created).toEqual([]);
      await draw('--guidance', '3', '--workflow-id', 'flux-dev');
      expect(created).toMatchObject([{ workflow_id: 'flux-dev' }]);
    },
  );

  test.each<[string, string[], RegExp]>([
    [
      'a named graph',
      ['--workflow-id', 'sd15', '--guidance', '3'],
      /^error: --guidance is an option of flux-dev: add --workflow-id flux-dev instead of sd15\.$/,
    ],
    [
      'this machine',
      ['--local', '--guidance=3'],
      /^error: --guidance is an option of flux-dev: add --workflow-id flux-dev/,
    ],
    [
      'a graph with another flag',
      ['--guidance', '3', '--cfg', '7'],
      /^error: No graph of text2image has all of these: --guidance is an option of flux-dev; --cfg is an option of sdxl, .*tiny\. Leave one out\.$/,
    ],
  ])('beside %s', async (_, flags, message) => {
    const { code, stderr } = await draw(...flags);
    expect([code, stderr.trimEnd()]).toEqual([1, expect.stringMatching(message)]);
  });

  test('that no graph has is unknown', async () => {
    expect((await draw('--gidance', '3')).stderr).toMatch(/unknown option '--gidance'/);
  });

  test('with a value that no graph takes says what is wrong with it', async () => {
    served = ['flux-dev'];
    expect((await draw('--guidance', '300000')).stderr).toMatch(/^error: --guidance must be/);
    expect((await draw('--guidance', 'x')).stderr).toMatch(/"x" is not a number/);
    expect((await draw('--width', '100000')).stderr).toMatch(/^error: --width must be/);
  });
});

test('flags that every graph has cost no question about graphs', async () => {
  served = ['tiny'];
  await draw('--width', '832', '--height', '1216');
  // whether the network answers at all, and the task
  expect(asked).toEqual(['healthz', 'task_create']);
});
