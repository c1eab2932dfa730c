import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeuristError } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { errorCodes, type Logger, silentLogger } from '@heurist/core/protocol';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type KeyLimits, type KeyRole, Keys } from './access/keys.ts';
import { TooManyTasks } from './access/task-quota.ts';
import { createSigner } from './access/tokens.ts';
import { createBus } from './bus/bus.ts';
import { createSharedBus } from './bus/shared-bus.ts';
import type { Database } from './database/database.ts';
import { createSchema } from './database/schema.ts';
import { Artifacts } from './files/artifacts.ts';
import type { ArtifactStore } from './files/folder-store.ts';
import { addArtifactRoutes } from './http/artifact-routes.ts';
import { addConsumerRoutes } from './http/consumer-routes.ts';
import type { Services } from './http/context.ts';
import { describeTask } from './http/describe-task.ts';
import { addMetricsRoute } from './http/metrics.ts';
import { addMinerRoutes } from './http/miner-routes.ts';
import { addDocumentRoutes } from './http/openapi.ts';
import { addOperatorRoutes } from './http/operator-routes.ts';
import { Dispatch } from './tasks/dispatch.ts';
import { LiveMiners } from './tasks/live-miners.ts';
import { createPreviews } from './tasks/previews.ts';
import { Retention } from './tasks/retention.ts';
import { RunTimes } from './tasks/run-times.ts';
import { Tasks } from './tasks/tasks.ts';
import { Webhooks } from './tasks/webhooks.ts';

/** Settings of a sequencer. */
export interface SequencerOptions {
  /** From `openDatabase()`. Closed with the sequencer. */
  database: Database;
  /** Where inputs and outputs are kept: `createFolderStore(folder)`. */
  artifacts: ArtifactStore;
  /** What can be asked for. */
  workflows: readonly WorkflowDefinition[];
  /**
   * Seconds of silence after which a miner's task is handed out again. Miners report three times in that time, so that
   * by default a task is handed on less than 5 seconds after a report that did not come. Default 6.
   */
  leaseSeconds?: number;
  /** Seconds that miners have to come back after a start, before tasks for those missing are warned of. Default 15. */
  minerGraceSeconds?: number;
  /** How often a task is handed out at most. Default 3. */
  maxAttempts?: number;
  /** Days after which tasks that have ended, and their files, are deleted. 0 keeps everything. Default 30. */
  retentionDays?: number;
  /** Let reference miners in, which show no key. Default `false`. */
  allowLegacyMiners?: boolean;
  /** Address in links. Default: the one that the caller used. */
  publicUrl?: string;
  /** Send webhooks to addresses of private networks too. Default `false`. */
  allowPrivateWebhooks?: boolean;
  logger?: Logger;
}

/** A sequencer. */
export interface Sequencer {
  /** For servers of your own. */
  readonly app: Hono;
  /** Starts listening. Resolves with the address. */
  listen(options?: { port?: number; host?: string }): Promise<string>;
  /** Makes a key, `owner#key`. It can be read only now: it is stored hashed. */
  createKey(role: KeyRole, owner: string, limits?: KeyLimits): Promise<string>;
  /** Whether a key of the form `owner#key` is good for this role. */
  hasKey(role: KeyRole, key: string): Promise<boolean>;
  /**
   * Stops listening, ends held requests, lets others end (for at most 8 seconds), and closes the database. What was
   * acknowledged is stored.
   */
  close(): Promise<void>;
}

/** How often silent miners and overdue tasks are looked for. */
const SWEEP_MS = 500;
/** After so many sweeps, what is merely in the way is removed. */
const TIDY_EVERY = 120;
/** What is in flight, uploads among it, gets this long to end: container runtimes kill ten seconds after they ask. */
const DRAIN_MS = 8000;
/** JSON bodies, previews in heartbeats included. Files go by their own addresses. */
const MAX_JSON_BYTES = 1_000_000;

/** Starts the queue and makes the HTTP app; `listen()` opens the port. */
export async function createSequencer(options: SequencerOptions): Promise<Sequencer> {
  const { database, leaseSeconds = 6, maxAttempts = 3, logger = silentLogger } = options;
  const closing = new AbortController();
  // every open request listens
  setMaxListeners(0, closing.signal);
  const dispatch = new Dispatch(database, maxAttempts, ({ message }) => logger.error('queue', { message }));
  await database.exclusively(async () => {
    await createSchema(database);
    await dispatch.start();
    for (const { workflow_id } of options.workflows) await dispatch.ensureQueue(workflow_id);
  });

  const onNewsError = ({ message }: Error) => logger.warn('other sequencers were not told', { message });
  const shared = database.channel && (await createSharedBus(database.channel, onNewsError));
  const bus = shared ?? createBus();
  const secret = await readSecret(database);
  const signer = createSigner(secret);
  const keys = new Keys(database);
  const services: Services = {
    database,
    keys,
    tasks: new Tasks(database, dispatch, bus),
    artifacts: new Artifacts(database, options.artifacts, signer),
    previews: createPreviews(database),
    miners: new LiveMiners(database, (options.minerGraceSeconds ?? 15) * 1000),
    runTimes: new RunTimes(database),
    retention: new Retention(database, options.artifacts, options.retentionDays ?? 30),
    webhooks: new Webhooks({
      database,
      secret,
      allowPrivate: options.allowPrivateWebhooks ?? false,
      describe: (task, origin) => describeTask(services, task, origin),
      closing: closing.signal,
    }),
    bus,
    signer,
    logger,
    workflows: options.workflows,
    leaseSeconds,
    allowLegacyMiners: options.allowLegacyMiners ?? false,
    publicUrl: options.publicUrl,
    closing: closing.signal,
  };
  const app = createApp(services);
  const sweeping = Promise.all([keepSweeping(services), keepDelivering(services)]);
  let server: Server | undefined;

  return {
    app,
    createKey: (role, owner, limits) => keys.create(role, owner, limits),
    hasKey: (role, key) => {
      const [owner, secret = ''] = key.split('#');
      return keys.identify(role, secret, owner).then(
        () => true,
        () => false,
      );
    },
    async listen({ port = 0, host = '127.0.0.1' } = {}) {
      const listening = createAdaptorServer({ fetch: app.fetch }) as Server;
      server = listening;
      await new Promise<void>((resolve, reject) => {
        listening.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)));
        listening.listen(port, host, resolve);
      });
      const { port: taken } = listening.address() as AddressInfo;
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    async close() {
      closing.abort();
      if (server) await drain(server);
      await sweeping;
      await shared?.stop();
      await dispatch.stop();
      await database.close();
    },
  };
}

/** Stops listening, and resolves when every request has been answered, or had its time. */
async function drain(server: Server): Promise<void> {
  // a connection that is kept for later calls would hold the server for minutes
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(idle);
  clearTimeout(late);
}

function createApp(services: Services): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: async (c) => {
      // an answer before the end of the request reaches many clients as a broken connection
      await discard(c.req.raw.body, 10 * MAX_JSON_BYTES);
      throw new HeuristError(`The request is larger than ${MAX_JSON_BYTES} bytes.`, { code: 'payload_too_large' });
    },
  });
  // a length that is told is kept by HTTP itself; counting would cost a tenth of a whole task
  const isShort = (c: Context) => Number(c.req.header('content-length') ?? Number.NaN) <= MAX_JSON_BYTES;
  app.use((c, next) => (c.req.method === 'POST' && !isShort(c) ? limit(c, next) : next()));
  app.get('/healthz', async (c) => {
    await services.database.query('SELECT 1');
    return c.json({ status: 'ok' });
  });
  addConsumerRoutes(app, services);
  addMinerRoutes(app, services);
  addOperatorRoutes(app, services);
  addMetricsRoute(app, services);
  addArtifactRoutes(app, services);
  addDocumentRoutes(app, services.workflows);
  app.notFound((c) => c.json({ code: 'not_found', message: `There is no call ${c.req.method} ${c.req.path}.` }, 404));
  app.onError((error, c) => {
    if (!HeuristError.isInstance(error)) {
      services.logger.error('request failed', { path: c.req.path, message: error.message });
      return c.json({ code: 'internal', message: 'The sequencer failed. Try again.' }, 500);
    }
    const { code, message, task_id } = error;
    if (error instanceof TooManyTasks) c.header('retry-after', `${error.retryAfterSeconds}`);
    const status = errorCodes[code as keyof typeof errorCodes]?.status ?? 500;
    return c.json({ code, message, ...(task_id && { task_id }) }, status);
  });
  return app;
}

/** Reads a body to its end, but not one without end. */
async function discard(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<void> {
  let read = 0;
  for await (const chunk of body ?? []) {
    read += chunk.length;
    if (read > maxBytes) return;
  }
}

/** Sweeps until the sequencer closes. Resolves when the last one is over. */
async function keepSweeping(services: Services): Promise<void> {
  const { tasks, miners, previews, retention, leaseSeconds, logger, closing } = services;
  // miners could not be heard while the sequencer was down: each gets a whole lease to speak up
  const graceEnds = Date.now() + leaseSeconds * 1000;
  const report = ({ message }: Error) => logger.error('sweep failed', { message });
  for (let round = 0; !closing.aborted; round++) {
    if (Date.now() > graceEnds) await tasks.takeFromSilent(leaseSeconds).catch(report);
    await tasks.endOverdue().catch(report);
    if (round % TIDY_EVERY === 0)
      await Promise.all([miners.sweep(), previews.sweep(), retention.sweep()]).catch(report);
    await sleep(SWEEP_MS, undefined, { signal: closing }).catch(() => {});
  }
}

/** Sends webhooks until the sequencer closes. Beside the sweeps: a slow receiver must not keep leases waiting. */
async function keepDelivering({ webhooks, logger, closing }: Services): Promise<void> {
  while (!closing.aborted) {
    await webhooks.deliverDue().catch(({ message }: Error) => logger.error('webhooks failed', { message }));
    await sleep(SWEEP_MS, undefined, { signal: closing }).catch(() => {});
  }
}

/** Signs leases and addresses; kept, so that they outlive a restart. */
async function readSecret(database: Database): Promise<string> {
  const insert = `INSERT INTO heurist.setting (name, value) VALUES ('secret', $1) ON CONFLICT DO NOTHING`;
  await database.query(insert, [randomBytes(32).toString('hex')]);
  const [row] = await database.query<{ value: string }>(`SELECT value FROM heurist.setting WHERE name = 'secret'`);
  return row!.value;
}

function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new HeuristError(`Port ${port} is taken. Choose another one, or 0 for any free one.`, {
    code: 'invalid_configuration',
    cause: error,
  });
}
