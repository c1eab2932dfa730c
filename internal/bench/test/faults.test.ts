// What `npm run bench -- faults` stands on: servers that break as the faults say, and checks that can fail.
import { createTestSequencer, type FaultName, type TestSequencer } from '@heurist/test-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Call, type Gateway, startGateway } from '../support/faults/gateway.ts';
import { KEY } from '../support/faults/given.ts';
import * as checks from '../support/faults/seen.ts';
import { JOB, translate, translateEvents } from '../support/faults/translate.ts';

describe('a server of another service', () => {
  /** POST submits, GET queries, PUT follows. */
  const protocol = async ({ method, path, ask }: Call) => {
    const words = { state: ({ status }: { status: string }) => ({ is: status }), refusal: (why: string) => ({ why }) };
    const task_id = path.split('/')[2];
    if (method === 'POST') return await translate(await ask('task_create', JOB), { ...words, status: 201, state: id });
    if (method === 'GET') return await translate(await ask('task_result_query', { task_id }), words);
    return translateEvents(await ask('task_events', { task_id }), ({ status }) => `data: ${status}\n\n`);
  };
  const id = ({ task_id }: { task_id: string }) => ({ id: task_id });

  let sequencer: TestSequencer;
  let gateway: Gateway;
  beforeEach(async () => {
    sequencer = await createTestSequencer({ apiKey: KEY, socket: false });
    gateway = await startGateway(sequencer, protocol);
  });
  afterEach(async () => {
    await gateway.close();
    await sequencer.close();
  });

  const headers = { authorization: `Bearer ${KEY}` };
  const submit = (init?: RequestInit) => fetch(`${gateway.url}/jobs`, { method: 'POST', headers, ...init });
  const inject = (name: FaultName) => sequencer.inject(name, { times: 1 });

  test('says in its own words what the sequencer says', async () => {
    const submitted = await submit();
    expect(submitted.status).toBe(201);
    const { id } = (await submitted.json()) as { id: string };
    expect(await (await fetch(`${gateway.url}/jobs/${id}`)).json()).toEqual({ is: 'finished' });
    expect(await (await fetch(`${gateway.url}/jobs/${id}`, { method: 'PUT' })).text()).toBe('data: finished\n\n');
  });

  test.each<[FaultName, object]>([
    ['status-502', { status: 502, text: expect.stringContaining('<h1>Bad Gateway') }],
    ['half-json-200', { status: 200, text: '{"task_id": "12' }],
    ['object-200', { status: 200, text: '{}' }],
    ['empty-204', { status: 204, text: '' }],
    ['full', { status: 429, text: expect.stringMatching(/^{"why":"Too many/), retryAfter: '1' }],
    ['forbidden', { status: 403, text: expect.stringMatching(/^{"why":/) }],
  ])('%s: %j', async (name, seen) => {
    await inject(name);
    const response = await submit();
    const retryAfter = response.headers.get('retry-after') ?? undefined;
    expect({ status: response.status, text: await response.text(), ...(retryAfter && { retryAfter }) }).toEqual(seen);
  });

  test('breaks connections: before an answer, in the middle of one, and for all', async () => {
    await inject('reset');
    await expect(submit()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    await inject('cut-body');
    await expect((await submit()).text()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    sequencer.on('*').run();
    const { id } = (await (await submit()).json()) as { id: string };
    await inject('stream-cut');
    const followed = fetch(`${gateway.url}/jobs/${id}`, { method: 'PUT' });
    await expect((await followed).text()).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    await gateway.down();
    await expect(submit()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await gateway.up();
    expect((await submit()).status).toBe(201);
  });

  test('sees a key that follows a redirect to another origin, and no other', async () => {
    await inject('redirect-other-origin');
    const { headers: answered } = await submit({ redirect: 'manual' });
    const location = answered.get('location')!;
    expect(location).toMatch(/^http:\/\/localhost:\d+\/elsewhere\/jobs$/);
    expect((await fetch(location, { method: 'POST' })).status).toBe(201);
    expect(gateway.hasLeak).toBe(false);
    await fetch(location, { method: 'POST', body: JSON.stringify({ api_key: KEY.split('#')[1] }) });
    expect(gateway.hasLeak).toBe(true);
  });
});

describe('checks', () => {
  const task = { task_id: 'task-7' } as never;
  const good: checks.Seen = {
    ...{ end: 'resolved', value: 'an output', ms: 100, isLate: false },
    ...{ tasks: [task], calls: [], uploads: 1, hasLeak: false },
  };
  const failed: checks.Seen = { ...good, end: 'rejected', value: undefined, error: new Error('no: 403') };
  const call = (at: number, fault?: FaultName) => ({ name: 'submit', at, ...(fault && { fault }) }) as never;
  const { finishes, rejects, endsBy, givesUpBy, keepsKey, storesOrRejects, readsOrRejects, finishesAfter } = checks;

  test.each<[string, checks.Check, checks.Seen, string | undefined]>([
    ['a job that finishes', finishes, good, undefined],
    ['a call that fails', finishes, failed, 'fails'],
    ['two jobs', finishes, { ...good, tasks: [task, task] }, '2 jobs'],
    ['three jobs of three', checks.finishesEach(3), { ...good, tasks: [task, task, task] }, undefined],
    ['four jobs of three', checks.finishesEach(3), { ...good, tasks: [task, task, task, task] }, '4 jobs'],
    ['no output', finishes, { ...good, value: null }, 'resolves without an output'],
    ['no end', finishes, { ...good, end: 'waiting' }, 'waits on'],
    ['an end that the caller brought about', finishes, { ...failed, isLate: true }, 'waits on'],
    ['a late retry', finishesAfter(2), { ...good, calls: [call(0, 'full'), call(2000)] }, undefined],
    ['an early retry', finishesAfter(2), { ...good, calls: [call(0, 'full'), call(1900)] }, 'retries too soon'],
    ['an error with the reason', rejects(/403/), failed, undefined],
    ['an error without it', rejects(/404/), failed, 'the error does not say why'],
    [
      'a reason in the cause',
      rejects(/404/),
      { ...failed, error: new Error('x', { cause: { status: 404 } }) },
      undefined,
    ],
    ['a good end of what must fail', rejects(), good, 'resolves'],
    ['an end in time', endsBy(4000), { ...failed, ms: 4900 }, undefined],
    ['an end too late', endsBy(4000), { ...failed, ms: 5100 }, 'waits on'],
    ['an error that names the job', givesUpBy(2000), { ...failed, error: new Error('task-7 is late') }, undefined],
    ['an error that does not', givesUpBy(2000), failed, 'the error does not name the job'],
    ['a key that stays', keepsKey, failed, undefined],
    ['a key that goes', keepsKey, { ...failed, hasLeak: true }, 'sends the key on'],
    ['a file that is stored', storesOrRejects, good, undefined],
    ['a file that is not', storesOrRejects, { ...good, uploads: 0 }, 'resolves, and nothing is stored'],
    ['half a file', readsOrRejects, { ...good, value: Buffer.from('PNG') }, 'resolves with half a file'],
  ])('%s', (_, check, seen, problem) => {
    expect(check(seen)).toBe(problem);
  });
});
