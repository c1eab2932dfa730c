// Replicas whose machines show another time than the database: nothing that one writes or signs may depend on that.
import { createServer, type Server } from 'node:http';
import { verifyWebhook } from '@heurist/core/webhooks';
import { listen } from '@heurist/server-kit/listen';
import { startPostgres, type TestServer } from '@heurist/test-servers/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFolderStore } from '../src/index.ts';
import { type Network, startNetwork } from './support/network.ts';
import { SkipClock } from './support/skip-clock.ts';

const MINUTES = 60_000;
const running: Network[] = [];

async function start(minutes: number, location?: string, folder?: string): Promise<Network> {
  const clock = new SkipClock();
  clock.skip(minutes * MINUTES);
  const artifacts = folder === undefined ? {} : { artifacts: createFolderStore(folder) };
  const network = await startNetwork({
    ...artifacts,
    location,
    clock,
    leaseSeconds: 60,
    minerGraceSeconds: 0,
    allowPrivateWebhooks: true,
  });
  running.push(network);
  return network;
}
afterEach(() => Promise.all(running.splice(0).map((network) => network.stop())));

let receiver: Server;
let webhook_url: string;
let verified: unknown[] = [];
let secret: string;
beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const outcome = await verifyWebhook({ headers: request.headers, body }, secret).then(
      ({ type }) => type,
      (error: Error) => error.message,
    );
    verified.push(outcome);
    response.end();
  });
  webhook_url = `${await listen(receiver, 0, '127.0.0.1')}/hook`;
});
afterAll(() => receiver.close());

/** The life of a task, each step at the next replica. */
async function useNetwork(replicas: Network[]): Promise<void> {
  let turn = 0;
  const next = () => replicas[turn++ % replicas.length]!;
  const [first] = replicas as [Network];
  const call = (name: string, body: object, key = first.consumer) => next().call(name, body, key);
  secret = (await call('webhook_secret', {})).json.secret;
  verified = [];
  const created = (await first.create({ webhook_url })).json;
  const task = await next().claim({}, first.rig);
  expect(task.task_id).toBe(created.task_id);
  for (const replica of replicas) {
    const miners = async () => (await replica.call('network_status', {}, first.consumer)).json.miners;
    await expect.poll(miners).toEqual([expect.objectContaining({ miner_id: 'rig' })]);
    expect((await replica.create(first.credentials)).json.warning).toBeUndefined();
    // a lease, and links, are good everywhere
    expect((await next().heartbeat(task.lease_id, undefined, first.rig)).status).toBe(200);
  }
  const { artifact_id, status } = await next().upload(task.lease_id, 'made', {}, first.rig);
  expect(status).toBe(200);
  expect((await next().submit(task.lease_id, { artifact_ids: [artifact_id] }, first.rig)).status).toBe(200);
  const { result, timings } = (await call('task_result_query', { task_id: task.task_id })).json;
  expect(timings.total_ms).toBeLessThan(MINUTES);
  const path = new URL(result).pathname + new URL(result).search;
  for (const { url } of replicas) expect(await (await fetch(url + path)).text()).toBe('made');
  await expect.poll(() => verified, { timeout: 5000 }).toEqual(['task.finished']);
  await failAndCheckHistory(replicas, first);
}

/** Times that end tasks are of the database too. */
async function failAndCheckHistory(replicas: Network[], first: Network): Promise<void> {
  for (const replica of replicas) {
    const { lease_id, task_id } = await replica.claim({}, first.rig);
    const error = { code: 'broken', message: '', is_retryable: false };
    expect((await replica.submit(lease_id, { success: false, error }, first.rig)).status).toBe(200);
    const { history } = await first.query(task_id);
    const query =
      'SELECT abs(extract(epoch FROM now() - ended_at))::float8 AS seconds FROM heurist.task WHERE task_id = $1';
    const [row] = await first.database.query<{ seconds: number }>(query, [task_id]);
    expect(row?.seconds).toBeLessThan(60);
    expect(Math.abs(Date.parse(history[0].ended_at) - Date.now())).toBeLessThan(MINUTES);
  }
}

describe.each([20, -20])('a machine that is %i minutes ahead', (minutes) => {
  test('serves an embedded database', async () => {
    await useNetwork([await start(minutes)]);
  });
});

describe('replicas that disagree by 40 minutes', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test('are one network over PostgreSQL', async () => {
    const location = await server.createDatabase();
    const one = await start(0, location);
    const others = [await start(20, location, one.folder), await start(-20, location, one.folder)];
    await useNetwork([one, ...others]);
    await useNetwork([...others.toReversed(), one]);
  });
});
