import { createTestSequencer, type FaultName, type TestSequencer } from '@heurist/test-kit';
import type { Client, Session } from './client.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { KEY, PICTURE, SECRET } from './given.ts';
import { plainScene, type RowName, type Scene } from './rows.ts';
import { finishes, type Seen } from './seen.ts';

/** How much longer than its timeout a call is watched, in milliseconds. */
const PATIENCE_MS = 2000;

/** A client, and the server that it talks to. */
interface Stage extends AsyncDisposable {
  sequencer: TestSequencer;
  gateway: Gateway | undefined;
  session: Session;
}

async function setStage(client: Client): Promise<Stage> {
  const sequencer = await createTestSequencer({ apiKey: KEY, socket: !client.protocol });
  const gateway = client.protocol && (await startGateway(sequencer, client.protocol));
  const session = await client.open(gateway?.url ?? sequencer.url);
  return {
    sequencer,
    gateway,
    session,
    async [Symbol.asyncDispose]() {
      await gateway?.close();
      await sequencer.close();
    },
  };
}

/** Whether a client has what a scene needs. */
export async function canPlay(client: Client, name: RowName | undefined, { use }: Scene): Promise<boolean> {
  if (name && client.lacks.includes(name)) return false;
  await using stage = await setStage(client);
  return stage.session[use] !== undefined;
}

/** @throws {Error} if a client cannot do without a fault what it is asked for under faults: then its server is wrong */
export async function checkWithoutFaults(client: Client): Promise<void> {
  for (const use of ['run', 'follow', 'upload', 'download'] as const) {
    const scene = plainScene(use);
    if (!(await canPlay(client, undefined, scene))) continue;
    const { error, ...seen } = await play(client, undefined, scene);
    if (finishes({ error, ...seen }))
      throw new Error(`${client.name} cannot ${use}, without any fault.`, { cause: error });
  }
}

/** Lets a client make a call while a fault happens, or while none does. */
export async function play(client: Client, name: RowName | undefined, scene: Scene): Promise<Seen> {
  await using stage = await setStage(client);
  const { sequencer, gateway, session } = stage;
  const plan = sequencer.on('*');
  if (scene.neverEnds) plan.run({ percent: 10 });
  else plan.finishWith({}, { after: 50 });
  if (scene.withoutStream) await sequencer.inject('stream-missing');
  if (name && name !== 'abort' && name !== 'timeout') await injectInto(stage, name, scene);
  const start = performance.now();
  const seen = await watch(() => use(session, scene), scene.timeout + PATIENCE_MS);
  const ms = performance.now() - start - (scene.abortAfter ?? 0);
  const { calls, tasks, uploads } = sequencer;
  const led = calls.filter((call) => call.name.startsWith('elsewhere/'));
  return {
    ...seen,
    ms,
    isLate: ms >= scene.timeout,
    tasks,
    calls: [...calls],
    uploads: uploads.length,
    hasLeak: gateway?.hasLeak ?? led.some(({ headers, body }) => JSON.stringify([headers, body]).includes(SECRET)),
  };
}

async function injectInto({ sequencer, gateway }: Stage, name: FaultName, { inject }: Scene): Promise<void> {
  if (name !== 'refused' || !gateway) {
    await sequencer.inject(name, inject);
    return;
  }
  // the port is the gateway's
  await gateway.down();
  setTimeout(() => void gateway.up(), inject.lasts);
}

async function use(session: Session, { use, timeout, abortAfter, neverEnds }: Scene): Promise<unknown> {
  if (use === 'upload') return await session.upload?.(PICTURE);
  if (use === 'download') return await session.download?.();
  if (abortAfter) return await session.run({ signal: AbortSignal.timeout(abortAfter) });
  return await session[use]?.(neverEnds ? { timeout } : { timeout, signal: AbortSignal.timeout(timeout) });
}

async function watch(call: () => Promise<unknown>, longest: number): Promise<Pick<Seen, 'end' | 'value' | 'error'>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ end: 'waiting' }>((resolve) => {
    timer = setTimeout(() => resolve({ end: 'waiting' }), longest);
  });
  const ended = call().then(
    (value) => ({ end: 'resolved' as const, value }),
    (error: unknown) => ({ end: 'rejected' as const, error }),
  );
  return await Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
