// One page for a team: each visitor is told apart, and sees only their own tasks.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { launchBrowser } from '@heurist/test-servers/browser';
import { definitions } from '@heurist/text2image/definition';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AppOptions } from '../server/app.ts';
import { type DemoServer, startServer } from '../server/start-server.ts';
import { THEME_KEY, THEME_SCRIPT } from '../shared/inline-scripts.ts';
import { ask, Person } from './person.ts';
import { Visitor } from './visitor.ts';

const folder = mkdtempSync(join(tmpdir(), 'team-'));
let sequencer: Sequencer;
let workflowURL: string;
const keys: Record<string, string> = {};
beforeAll(async () => {
  const artifacts = createFolderStore(join(folder, 'artifacts'));
  sequencer = await createSequencer({ database: await openDatabase(), artifacts, workflows: definitions });
  workflowURL = await sequencer.listen({ port: 0 });
  for (const owner of ['anna', 'ben', 'studio']) keys[owner] = await sequencer.createKey('consumer', owner);
  keys.rig = await sequencer.createKey('miner', 'rig');
  keys.boss = await sequencer.createKey('operator', 'boss');
});
const servers: DemoServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  await sequencer.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<AppOptions>): Promise<string> {
  const server = await startServer({ workflowURL, webDir: folder, ...options });
  servers.push(server);
  return server.url;
}

async function revokeKeysOf(owner: string): Promise<void> {
  const call = async (name: string, body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${keys.boss}` };
    const reply = await fetch(`${workflowURL}/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await reply.json()) as { keys: { key_id: string; owner: string }[] };
  };
  for (const key of (await call('key_list', {})).keys)
    if (key.owner === owner) await call('key_revoke', { key_id: key.key_id });
}

describe('with keys of their own', () => {
  const byKey = { visitors: { by: 'key' } } as const;

  test('whoever is not signed in is brought to the form, and back to where they wanted', async () => {
    const visitor = new Person(await start(byKey));
    const away = await visitor.ask('/gallery');
    expect([away.status, away.headers.location]).toEqual([303, '/sign-in?reason=none&next=%2Fgallery']);
    const form = await visitor.ask(away.headers.location!);
    expect([form.status, form.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(form.text).toContain('Sign in to use this page.');
    expect(form.text).toContain('name="next" value="/gallery"');
    const call = await visitor.ask('/api/network');
    expect([call.status, JSON.parse(call.text)]).toEqual([
      401,
      { code: 'signed_out', message: 'Sign in to use this page.', reason: 'none' },
    ]);
    const back = await visitor.signIn(keys.anna!, '/gallery');
    expect([back.status, back.headers.location]).toEqual([303, '/gallery']);
    expect(JSON.parse((await visitor.ask('/api/visitor')).text)).toMatchObject({ name: 'anna', canSignOut: true });
  });

  test.each([
    ['//evil.example', '/'],
    ['https://evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/tasks/a?x=1', '/tasks/a?x=1'],
  ])('afterwards only to a path of this server: %s', async (next, location) => {
    expect((await new Person(await start(byKey)).signIn(keys.anna!, next)).headers.location).toBe(location);
  });

  test('what the form shows is text', async () => {
    const url = await start(byKey);
    const { text } = await ask(`${url}/sign-in?next=${encodeURIComponent('/"><script>x')}&reason=<script>`);
    expect(text.replace(`<script>${THEME_SCRIPT}</script>`, '')).not.toContain('<script>');
  });

  test('the cookie is for this server alone, and over HTTPS only if the visitor uses that', async () => {
    const url = await start({ ...byKey, trustedProxies: ['127.0.0.1'] });
    const cookieOf = async (headers = {}) =>
      (await new Person(url).signIn(keys.anna!, '/', headers)).headers['set-cookie']!;
    const [plain] = await cookieOf();
    expect(plain).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(plain).not.toContain('Domain');
    const [secure] = await cookieOf({ 'x-forwarded-proto': 'https' });
    expect(secure).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
  });

  test.each([
    ['a wrong key', () => 'anna#0000', 401, /does not know this key/],
    ['no key', () => '', 400, /two parts/],
    ['a text', () => 'nonsense', 400, /two parts/],
    ['the key of a miner', () => keys.rig!, 403, /keys of miners and operators/],
    ['the key of an operator', () => keys.boss!, 403, /keys of miners and operators/],
  ])('%s is refused in words, and not repeated', async (_, key, status, message) => {
    const visitor = new Person(await start(byKey));
    const reply = await visitor.signIn(key());
    expect([reply.status, reply.headers['set-cookie']]).toEqual([status, undefined]);
    expect(reply.text).toMatch(message);
    expect(reply.text).toContain('role="alert"');
    if (key()) expect(reply.text).not.toContain(`value="${key()}"`);
  });

  test('a network that is down is not the visitor’s fault', async () => {
    const visitor = new Person(await start({ ...byKey, workflowURL: 'http://127.0.0.1:9' }));
    expect((await visitor.signIn(keys.anna!)).text).toContain('The network is not responding');
  }, 60_000);

  test('two visitors in two browsers see their own tasks, and those of an earlier visit', async () => {
    const url = await start(byKey);
    const [anna, ben, later] = [new Person(url), new Person(url), new Person(url)];
    await anna.signIn(keys.anna!);
    await ben.signIn(keys.ben!);
    const [hers, his] = [(await anna.submit('hers')).task_id, (await ben.submit('his')).task_id];
    expect([await anna.statusOf(hers), await anna.statusOf(his)]).toEqual([200, 404]);
    expect([await ben.statusOf(hers), await ben.statusOf(his)]).toEqual([404, 200]);
    for (const path of [`/api/tasks/${hers}/cancel`, `/api/tasks/${hers}/outputs/0`])
      expect((await ben.ask(path, { method: path.endsWith('cancel') ? 'POST' : 'GET' })).status).toBe(404);
    await later.signIn(keys.anna!);
    expect(await later.statusOf(hers)).toBe(200);
  });

  test('visitors have limits of their own, though they come through one proxy', async () => {
    const url = await start({ ...byKey, limits: { tasks: 1 } });
    const [anna, ben] = [new Person(url), new Person(url)];
    await anna.signIn(keys.anna!);
    await ben.signIn(keys.ben!);
    expect((await anna.submit('one')).status).toBe(200);
    expect((await anna.submit('two')).status).toBe(429);
    expect((await ben.submit('three')).status).toBe(200);
  });

  test('keys are tried a few times only', async () => {
    const visitor = new Person(await start({ ...byKey, limits: { signIns: 2 } }));
    const statuses = [];
    for (let count = 0; count < 3; count++) statuses.push((await visitor.signIn('anna#0000')).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  test('sign out ends it, also for a copy of the cookie', async () => {
    const url = await start(byKey);
    const visitor = new Person(url);
    await visitor.signIn(keys.anna!);
    const copy = new Person(url);
    copy.cookie = visitor.cookie;
    const out = await visitor.ask('/sign-out', { method: 'POST' });
    expect([out.status, out.headers.location, visitor.cookie]).toEqual([
      303,
      '/sign-in?reason=signed-out&next=%2F',
      '',
    ]);
    expect((await visitor.ask('/api/visitor')).status).toBe(401);
    expect(JSON.parse((await copy.ask('/api/visitor')).text).reason).toBe('signed-out');
  });

  test('a session that has expired says so', async () => {
    const key = await sequencer.createKey('consumer', 'short', { limits: { session_seconds: 1 } });
    const visitor = new Person(await start(byKey));
    await visitor.signIn(key);
    await expect.poll(async () => (await visitor.ask('/api/visitor')).status, { interval: 200 }).toBe(401);
    expect(JSON.parse((await visitor.ask('/api/visitor')).text).reason).toBe('expired');
    const away = await visitor.ask('/');
    expect(away.headers.location).toContain('reason=expired');
    expect((await visitor.ask(away.headers.location!)).text).toContain('Your sign-in has expired');
  });

  test('a key that was revoked says so', async () => {
    const key = await sequencer.createKey('consumer', 'gone');
    const visitor = new Person(await start(byKey));
    await visitor.signIn(key);
    const { task_id } = await visitor.submit('before');
    await revokeKeysOf('gone');
    await expect.poll(() => visitor.statusOf(task_id)).toBe(401);
    const { text } = await visitor.ask(`/api/tasks/${task_id}`);
    expect(JSON.parse(text)).toMatchObject({
      code: 'signed_out',
      reason: 'ended',
      message: expect.stringContaining('revoked'),
    });
  });

  test('a session that has used all of its tasks says so', async () => {
    const key = await sequencer.createKey('consumer', 'few', { limits: { session_tasks: 1 } });
    const visitor = new Person(await start(byKey));
    await visitor.signIn(key);
    await visitor.submit('first');
    expect(JSON.parse((await visitor.submit('second')).text)).toMatchObject({ code: 'signed_out', reason: 'used-up' });
  });

  test('a cookie that was changed is nobody’s', async () => {
    const visitor = new Person(await start(byKey));
    await visitor.signIn(keys.anna!);
    const good = visitor.cookie;
    const { task_id } = await visitor.submit('mine');
    for (const cookie of ['studio_session=x', 'studio_session=%7B%7D', good.replace('anna', 'ben')]) {
      visitor.cookie = cookie;
      expect(await visitor.statusOf(task_id)).toBe(401);
    }
  });

  test('other sites cannot act for a visitor', async () => {
    const visitor = new Person(await start({ ...byKey, hostNames: ['studio.example.com'] }));
    await visitor.signIn(keys.anna!);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://studio.example.com.evil.example' },
    ]) {
      expect((await visitor.submit('forged', headers)).status).toBe(403);
      expect((await visitor.ask('/sign-out', { method: 'POST', headers })).status).toBe(403);
      expect((await visitor.signIn(keys.ben!, '/', headers)).status).toBe(403);
    }
    const { cookie } = visitor;
    const byPage = { cookie, 'sec-fetch-site': 'cross-site' };
    expect((await ask(`${servers[0]!.url}/sign-out`, { method: 'POST', headers: byPage })).status).toBe(403);
    // a proxy that speaks HTTPS, under the name that it is known by
    expect((await visitor.submit('own', { origin: 'https://studio.example.com' })).status).toBe(200);
  });

  test('no key is in an answer or a log', async () => {
    const seen: string[] = [];
    for (const method of ['log', 'error', 'warn'] as const)
      vi.spyOn(console, method).mockImplementation((...words) => void seen.push(words.join(' ')));
    const visitor = new Person(await start({ ...byKey, apiKey: keys.studio! }));
    const replies = [await visitor.signIn(keys.anna!), await visitor.submit('x')];
    for (const path of ['/', '/api/visitor', '/api/network', '/api/catalogue', '/sign-in'])
      replies.push(await visitor.ask(path));
    vi.restoreAllMocks();
    const all = [...seen, ...replies.flatMap(({ text, headers }) => [text, JSON.stringify(headers)])].join('\n');
    for (const name of ['anna', 'studio']) expect(all).not.toContain(keys[name]!.split('#')[1]!);
  });
});

describe('with a header of the proxy in front', () => {
  const byHeader = () =>
    ({
      apiKey: keys.studio!,
      visitors: { by: 'header', header: 'X-Forwarded-User' },
      trustedProxies: ['127.0.0.2', '10.0.0.0/8'],
    }) as const;
  const as = (name: string, from = '127.0.0.2') => ({ headers: { 'x-forwarded-user': name }, from });
  const submit = (url: string, name: string) => {
    const task = { family: 'text2image', workflow_id: 'tiny', options: { prompt: name }, job_id: 'same-job' };
    const { headers, from } = as(name);
    return ask(`${url}/api/tasks`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(task),
      from,
    });
  };

  test.skipIf(process.platform !== 'linux')('each sees their own tasks; there is nothing to sign out of', async () => {
    const url = await start(byHeader());
    const [hers, his] = [await submit(url, 'anna@example.com'), await submit(url, 'ben@example.com')].map(
      ({ text }) => JSON.parse(text).task_id,
    );
    expect(his).not.toBe(hers);
    const statusOf = async (id: string, name: string) => (await ask(`${url}/api/tasks/${id}`, as(name))).status;
    expect([await statusOf(hers, 'anna@example.com'), await statusOf(hers, 'ben@example.com')]).toEqual([200, 404]);
    const view = JSON.parse((await ask(`${url}/api/visitor`, as('anna@example.com'))).text);
    expect(view).toMatchObject({ name: 'anna@example.com', canSignOut: false });
    expect((await ask(`${url}/sign-in`, as('anna@example.com'))).status).toBe(404);
  });

  test.skipIf(process.platform !== 'linux')('a header from a stranger’s address is nobody', async () => {
    const url = await start(byHeader());
    for (const from of ['127.0.0.1', '127.0.0.3'])
      expect((await ask(`${url}/api/visitor`, as('anna@example.com', from))).status).toBe(401);
    const lies = { 'x-forwarded-user': 'anna@example.com', 'x-forwarded-for': '127.0.0.2' };
    expect((await ask(`${url}/api/visitor`, { headers: lies })).status).toBe(401);
    for (const name of ['', ' ', 'a\tb', 'x'.repeat(200)])
      expect((await ask(`${url}/api/visitor`, as(name))).status).toBe(401);
  });

  test.skipIf(process.platform !== 'linux')('a session that is used up is replaced, without a word', async () => {
    const apiKey = await sequencer.createKey('consumer', 'small', { limits: { session_tasks: 1 } });
    const url = await start({ ...byHeader(), apiKey });
    const { headers, from } = as('anna');
    const statuses = [];
    for (const job_id of ['job-0001', 'job-0002', 'job-0003']) {
      const body = JSON.stringify({ family: 'text2image', workflow_id: 'tiny', options: { prompt: 'x' }, job_id });
      const json = { ...headers, 'content-type': 'application/json' };
      statuses.push((await ask(`${url}/api/tasks`, { method: 'POST', headers: json, body, from })).status);
    }
    expect(statuses).toEqual([200, 200, 200]);
  });
});

test('without either it is the page of one machine', async () => {
  const url = await start({ apiKey: keys.studio! });
  expect(JSON.parse((await ask(`${url}/api/visitor`)).text)).toEqual({
    canSignOut: false,
    networkUrl: workflowURL,
    limits: { picturePixels: 2 ** 26, uploadBytes: 50_000_000 },
  });
  expect((await ask(`${url}/sign-in`)).status).toBe(404);
});

const browser = await launchBrowser();
afterAll(async () => await browser?.close());

test.skipIf(!browser)('the form is accessible, fits a phone, and works by keyboard', async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>In</title><h1>You are in</h1>');
  const url = await start({ visitors: { by: 'key' } });
  const visitor = await Visitor.arrive(browser!);
  const { page } = visitor;
  await page.goto(url);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [name, width] of [
      ['', 1280],
      ['-phone', 360],
    ] as const) {
      await page.setViewportSize({ width, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      expect(await visitor.violations()).toEqual([]);
      await visitor.shoot(`sign-in-${colorScheme}${name}`);
    }
  }
  // what was chosen on the other pages, whatever the system has
  const background = () => page.evaluate(() => getComputedStyle(document.body.parentElement!).backgroundColor);
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await background()).not.toBe(dark);
  await page.evaluate((key) => localStorage.setItem(key, 'dark'), THEME_KEY);
  await page.reload();
  expect(await background()).toBe(dark);
  await page.keyboard.type('anna#0000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  expect(await visitor.violations()).toEqual([]);
  await page.keyboard.type(keys.anna!);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'You are in' }).waitFor();
  expect(await page.evaluate(() => document.cookie)).toBe('');
  await visitor.leave();
});
