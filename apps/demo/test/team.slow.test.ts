// A team on two replicas over PostgreSQL: two visitors of one page, each with their own tasks and limits, whether they sign in here or at a
// proxy in front. What one page knows, another over the other replica knows too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFolderStore, createSequencer, openDatabase, type Sequencer } from '@heurist/sequencer';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { definitions } from '@heurist/text2image/definition';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AppOptions } from '../server/app.ts';
import { type DemoServer, startServer } from '../server/start-server.ts';
import { Person } from './person.ts';

const folder = mkdtempSync(join(tmpdir(), 'team-'));
const replicas: { sequencer: Sequencer; url: string }[] = [];
const keys: Record<string, string> = {};
let postgres: TestServer;
beforeAll(async () => {
  postgres = await startPostgres();
  const address = await postgres.createDatabase();
  for (let count = 0; count < 2; count++) {
    const artifacts = createFolderStore(join(folder, 'artifacts'));
    const sequencer = await createSequencer({
      database: await openDatabase(address),
      artifacts,
      workflows: definitions,
    });
    replicas.push({ sequencer, url: await sequencer.listen({ port: 0 }) });
  }
  const { sequencer } = replicas[0]!;
  for (const owner of ['anna', 'ben'])
    keys[owner] = await sequencer.createKey('consumer', owner, { limits: { open_tasks: 2 } });
  keys.studio = await sequencer.createKey('consumer', 'studio');
}, 120_000);
const servers: DemoServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(async () => {
  for (const { sequencer } of replicas) await sequencer.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A page over one of the replicas. */
async function start(replica: number, options: Partial<AppOptions>): Promise<string> {
  const server = await startServer({ workflowURL: replicas[replica]!.url, webDir: folder, ...options });
  servers.push(server);
  return server.url;
}

const statusesOf = async (people: readonly Person[], task_ids: readonly string[]) =>
  await Promise.all(people.map((one) => Promise.all(task_ids.map((id) => one.statusOf(id)))));

describe('with keys of their own', () => {
  const byKey = { visitors: { by: 'key' } } as const;
  const enter = async (url: string, owner: string) => {
    const person = new Person(url);
    expect((await person.signIn(keys[owner]!)).status).toBe(303);
    return person;
  };

  test('each sees their own tasks, on every replica, and after signing in again those of before', async () => {
    const [one, other] = [await start(0, byKey), await start(1, byKey)];
    const [anna, ben] = [await enter(one, 'anna'), await enter(one, 'ben')];
    const [hers, his] = [(await anna.submit('hers')).task_id, (await ben.submit('his')).task_id];
    expect(await statusesOf([anna, ben], [hers, his])).toEqual([
      [200, 404],
      [404, 200],
    ]);
    expect((await ben.ask(`/api/tasks/${hers}/cancel`, { method: 'POST' })).status).toBe(404);
    expect((await ben.ask(`/api/events?task=${hers}`)).text).not.toContain(hers);

    // elsewhere: another browser, another page, the other replica
    const [annaLater, benLater] = [await enter(other, 'anna'), await enter(other, 'ben')];
    expect(await statusesOf([annaLater, benLater], [hers, his])).toEqual([
      [200, 404],
      [404, 200],
    ]);
    expect((await annaLater.ask(`/api/tasks/${hers}/cancel`, { method: 'POST' })).status).toBe(200);
    expect(JSON.parse((await anna.ask(`/api/tasks/${hers}`)).text).status).toBe('canceled');
    await ben.ask(`/api/tasks/${his}/cancel`, { method: 'POST' });
  });

  test('each has limits of their own: of the page, and of their key', async () => {
    const url = await start(0, { ...byKey, limits: { tasks: 3, submitTimeoutMs: 500 } });
    const [anna, ben] = [await enter(url, 'anna'), await enter(url, 'ben')];
    const made = [await anna.submit('a-1'), await anna.submit('a-2'), await anna.submit('a-3')];
    // the key allows two open tasks; what the network refuses says so
    expect(made.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(JSON.parse(made[2]!.text).message).toMatch(/2/);
    const byPage = JSON.parse((await anna.submit('a-4')).text);
    expect(byPage.message).toMatch(/^Too many requests: at most 3 every/);
    expect((await ben.submit('b-1')).status).toBe(200);
  });
});

describe.skipIf(process.platform !== 'linux')('with a header of the proxy in front', () => {
  const byHeader = () =>
    ({
      apiKey: keys.studio!,
      visitors: { by: 'header', header: 'X-Forwarded-User' },
      trustedProxies: ['127.0.0.2'],
    }) as const;
  /** Whom the proxy lets through. */
  class Named extends Person {
    readonly #name: string;

    constructor(url: string, name: string) {
      super(url);
      this.#name = name;
    }

    override ask(...[path, more = {}]: Parameters<Person['ask']>) {
      const headers = { 'x-forwarded-user': this.#name, ...more.headers };
      return super.ask(path, { ...more, headers, from: '127.0.0.2' });
    }
  }

  test('each sees their own tasks, also through another page over the other replica', async () => {
    const [one, other] = [await start(0, byHeader()), await start(1, byHeader())];
    const [anna, ben] = [new Named(one, 'anna@studio'), new Named(one, 'ben@studio')];
    const [hers, his] = [(await anna.submit('hers')).task_id, (await ben.submit('his')).task_id];
    const later = [new Named(other, 'anna@studio'), new Named(other, 'ben@studio')];
    for (const people of [[anna, ben], later])
      expect(await statusesOf(people, [hers, his])).toEqual([
        [200, 404],
        [404, 200],
      ]);
    expect((await new Person(one).ask(`/api/tasks/${hers}`)).status).toBe(401);
  });

  test('each has limits of their own', async () => {
    const url = await start(0, { ...byHeader(), limits: { tasks: 1 } });
    const [anna, ben] = [new Named(url, 'anna@studio'), new Named(url, 'ben@studio')];
    expect((await anna.submit('n-1')).status).toBe(200);
    expect((await anna.submit('n-2')).status).toBe(429);
    expect((await ben.submit('n-3')).status).toBe(200);
  });
});
