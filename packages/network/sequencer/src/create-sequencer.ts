import { setMaxListeners } from 'node:events';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { type Logger, silentLogger } from '@heurist/server-kit/logger';
import { untraced } from '@heurist/server-kit/untraced';
import type { Hono } from 'hono';
import { createFirstKeys, type FirstKeys } from './access/keys/first-keys.ts';
import type { KeyRole } from './access/keys/key-table.ts';
import type { KeyLimits, Keys } from './access/keys/keys.ts';
import { processActor } from './access/operators/audit.ts';
import { createServices } from './create-services.ts';
import type { Database } from './database/database.ts';
import { createSchema } from './database/schema.ts';
import { createApp } from './http/create-app.ts';
import { type RunningServer, startServer } from './http/server.ts';
import type { SequencerServices } from './http/services.ts';
import type { SequencerOptions } from './sequencer-options.ts';
import { Dispatch } from './tasks/dispatch.ts';
import { keepDelivering, keepSweeping, keepTidying } from './tasks/upkeep/sweeps.ts';

/** Time for work in progress to end at a close: all of it is in the database, or is done again. */
const STOP_MS = 1500;

/** A sequencer. */
export interface Sequencer {
  /** Its HTTP routes, for use in another server. */
  readonly app: Hono;
  /**
   * Starts listening.
   *
   * @param options - `port`: default 0, any free one; `host`: default `127.0.0.1`
   * @returns the origin, such as `http://127.0.0.1:8787`
   * @throws {HeuristError} `invalid_configuration` if it cannot listen there
   */
  listen(options?: { port?: number; host?: string }): Promise<string>;
  /**
   * Creates a key, `owner#key`. It is stored hashed, so this is the only time that it can be read.
   *
   * @throws {HeuristError} `invalid_request` for an owner that does not fit into credentials, or unknown limits
   */
  createKey(role: KeyRole, owner: string, limits?: KeyLimits): Promise<string>;
  /**
   * Creates a key for each role, in a network that never had any. Revoked keys do not count as none.
   *
   * @param save - keeps them, before they are valid; if it throws, there are none
   * @returns `undefined` if the network has, or had, keys
   */
  createFirstKeys(owner: string, save: (keys: FirstKeys) => void): Promise<FirstKeys | undefined>;
  /** Whether a key of the form `owner#key` is valid for this role. */
  hasKey(role: KeyRole, key: string): Promise<boolean>;
  /**
   * Stops listening, ends held requests, lets others end within 8 seconds, and closes the database. Everything that was
   * acknowledged is stored. A database that does not answer delays this by no more than 3 seconds.
   */
  close(): Promise<void>;
}

/**
 * Starts the queue and creates the HTTP app; `listen()` opens the port.
 *
 * @throws {HeuristError} `unavailable` if files cannot be stored, `invalid_configuration` for limits or addresses of proxies that
 *   cannot be
 * @throws {Error} if the database fails
 */
export async function createSequencer(options: SequencerOptions): Promise<Sequencer> {
  return await startSequencer(options, systemClock);
}

/**
 * @param clock - tests pass their own
 * @param isStepwise - every task goes by transactions, as those do about which something is special
 */
export async function startSequencer(options: SequencerOptions, clock: Clock, isStepwise = false): Promise<Sequencer> {
  const { database, logger = silentLogger } = options;
  const closing = new AbortController();
  // every open request listens
  setMaxListeners(0, closing.signal);
  // one elsewhere may come up later: readiness says whether it has
  if (!options.artifacts.isDirect) await options.artifacts.check?.();
  const dispatch = await untraced(() => startDispatch(options, logger));
  const { services, stopBus } = await untraced(() =>
    createServices(options, dispatch, { clock, logger, closing: closing.signal, isStepwise }),
  );
  const app = createApp(services);
  const background = untraced(() =>
    Promise.all([keepSweeping(services), keepTidying(services), keepDelivering(services)]),
  );
  let server: RunningServer | undefined;
  return {
    app,
    createKey: (role, owner, limits) => createKey(services, role, owner, limits),
    createFirstKeys: (owner, save) => createFirstKeys(database, owner, save),
    hasKey: (role, key) => hasKey(services.keys, role, key),
    async listen({ port = 0, host = '127.0.0.1' } = {}) {
      server = await startServer(services, app, port, host);
      return server.address;
    },
    async close() {
      closing.abort();
      await server?.drain();
      const stopped = (async () => {
        await background;
        await services.openRequests.close();
        await services.keys.sweep().catch(() => {});
        await stopBus();
        await dispatch.stop();
      })();
      await stopWithin(stopped, database, clock);
      await database.close();
    },
  };
}

/** Work in progress ends by itself, unless a server's database does not answer: closing its connections then ends it. */
async function stopWithin(stopped: Promise<void>, { channel }: Database, clock: Clock): Promise<void> {
  if (!channel) return await stopped;
  const limit = new AbortController();
  await Promise.race([stopped.catch(() => {}), clock.sleep(STOP_MS, limit.signal)]);
  limit.abort();
}

/** Creates what is missing in the database, and starts the queue. */
async function startDispatch(options: SequencerOptions, logger: Logger): Promise<Dispatch> {
  const { database, workflows, maxAttempts = 3 } = options;
  const dispatch = new Dispatch(database, maxAttempts, ({ message }) => logger.error('queue failed', { message }));
  await database.exclusively(async (sql) => {
    await createSchema(sql);
    await dispatch.start();
    for (const { workflow_id } of workflows) await dispatch.ensureQueue(workflow_id);
  });
  return dispatch;
}

async function createKey(
  { audit }: SequencerServices,
  role: KeyRole,
  owner: string,
  limits: KeyLimits = {},
): Promise<string> {
  const action = { action: 'key_create', target: { role, owner, ...limits } };
  return await audit.changeKeys(processActor(), action, async (keys) => {
    const { key, key_id } = await keys.createWithId(role, owner, limits);
    return { result: key, done: { key_id } };
  });
}

async function hasKey(keys: Keys, role: KeyRole, key: string): Promise<boolean> {
  const [owner, secret = ''] = key.split('#');
  return await keys.identify(role, secret, owner).then(
    () => true,
    () => false,
  );
}
