import { randomBytes } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import { hasFixedModels, modelKeyOf, type WorkflowDefinition } from '@heurist/core/definition';
import type { Clock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import { parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import { ALL_PRIVATE_HOSTS, type PrivateHosts } from '@heurist/server-kit/public-address';
import { createThrottledLog } from '@heurist/server-kit/throttled-log';
import { messageWithAdvice } from '@heurist/server-kit/unknown-authority';
import { Addresses } from './access/addresses/addresses.ts';
import { CallCounts } from './access/counts/call-counts.ts';
import { OpenRequests } from './access/counts/open-requests.ts';
import { OwnerCalls } from './access/counts/owner-calls.ts';
import { Keys } from './access/keys/keys.ts';
import { createLimits } from './access/limits/limits.ts';
import { Audit } from './access/operators/audit.ts';
import { Sessions } from './access/sessions/sessions.ts';
import { createSigner } from './access/signer.ts';
import { type Bus, createBus } from './bus/bus.ts';
import { createSharedBus } from './bus/shared-bus.ts';
import type { Database } from './database/database.ts';
import { createSharedClock } from './database/shared-clock.ts';
import { WriteProbe } from './database/write-probe.ts';
import { Artifacts } from './files/artifacts.ts';
import { StorageRoom } from './files/storage-room.ts';
import { STORAGE_FAILED, StorageTrouble } from './files/storage-trouble.ts';
import { StoredFiles } from './files/stored-files.ts';
import { checkOrigins } from './http/cors.ts';
import { describeTask } from './http/describe-task.ts';
import { HeldHeartbeats } from './http/heartbeats/held-heartbeats.ts';
import { readPublicUrl } from './http/link-base.ts';
import type { SequencerServices } from './http/services.ts';
import { Counters } from './metrics/counters.ts';
import { Traffic } from './metrics/traffic.ts';
import type { SequencerOptions } from './sequencer-options.ts';
import { Attempts, LEASE_SECONDS } from './tasks/attempts.ts';
import { Claims } from './tasks/claims.ts';
import type { Dispatch } from './tasks/dispatch.ts';
import { LiveMiners } from './tasks/live-miners.ts';
import { Neglected } from './tasks/neglected.ts';
import { OneTrip } from './tasks/one-trip.ts';
import { createPreviews, PreviewPace } from './tasks/previews.ts';
import { RunTimes, unusualSeconds, withNetworkLimits } from './tasks/run-times.ts';
import { tryInsertingTask } from './tasks/table/insert-tasks.ts';
import { Tasks } from './tasks/tasks.ts';
import { Newcomers } from './tasks/trust/newcomers.ts';
import { SecondMiners } from './tasks/trust/second-miners.ts';
import { Standings } from './tasks/trust/standings.ts';
import { createFaultCheck } from './tasks/trust/task-fault.ts';
import { keepCounts } from './tasks/upkeep/keep-counts.ts';
import { repairStrays } from './tasks/upkeep/repair-strays.ts';
import { Retention } from './tasks/upkeep/retention.ts';
import { Fleet } from './tasks/warm/fleet.ts';
import type { WorkflowModels } from './tasks/warm/model-lines.ts';
import { Webhooks } from './tasks/webhooks/webhooks.ts';

/** Everything that the routes and the sweeps work on. */
export async function createServices(
  options: SequencerOptions,
  dispatch: Dispatch,
  { clock, logger, closing, isStepwise }: { clock: Clock; logger: Logger; closing: AbortSignal; isStepwise: boolean },
): Promise<{ services: SequencerServices; stopBus: () => Promise<void> }> {
  const {
    database,
    artifacts: store,
    retentionDays = 30,
    minerGraceSeconds = 15,
    leaseSeconds = LEASE_SECONDS,
  } = options;
  const { bus, stop: stopBus } = await openBus(database, logger);
  const traffic = new Traffic();
  const workflow_ids = options.workflows.map(({ workflow_id }) => workflow_id);
  const counters = new Counters(workflow_ids, traffic);
  const oneTrip = isStepwise ? undefined : new OneTrip(database);
  const context = { database, dispatch, bus, oneTrip, events: counters };
  const sharedClock = await createSharedClock(database, clock);
  if (store.isDirect) store.useClock?.(sharedClock);
  const secret = await readSecret(database);
  const signer = createSigner(secret);
  const limits = createLimits(options.limits);
  const callCounts = new CallCounts({ clock, bus });
  // the keys of an embedded database are changed by this process alone, which looks every second: there are no news to wait for
  const keys = new Keys(database, { clock, sharedClock, limits, news: database.channel && bus });
  const miners = new LiveMiners(database, minerGraceSeconds * 1000, sharedClock, limits);
  const fleet = new Fleet(database, clock);
  const standings = new Standings(database, miners, { clock: sharedClock, logger });
  const newcomers = new Newcomers();
  const runTimes = new RunTimes(database, { clock });
  const secondMiners = new SecondMiners(database, miners, standings, clock);
  /** What has happened to a task stays, whether or not that can be written down now. */
  const report = ({ message }: Error) => logger.error('a failure was not recorded', { message });
  const trouble = new StorageTrouble(clock);
  const logTrouble = createThrottledLog((message, fields) => logger.error(message, fields), clock);
  const artifacts = new Artifacts(database, store, signer, {
    clock: sharedClock,
    limits,
    // half of the time that files are kept, so that none is deleted that was just found
    reuseDays: retentionDays ? retentionDays / 2 : 1,
    onStored: (kind, bytes) => counters.countStored(kind, bytes),
    async onFailure({ task_id, attempt }, { message, cause }) {
      const reason = cause ? messageWithAdvice(cause) : message;
      logTrouble('storage', 'file not stored', { message: reason });
      const failed = task_id !== null && attempt !== null ? { task_id, attempt } : undefined;
      if (trouble.record(failed) && failed) await giveUp(services, failed).catch(report);
    },
  });
  const storedFiles = new StoredFiles(database, clock);
  const storageRoom = new StorageRoom(store, {
    minFreeBytes: options.minFreeBytes ?? 0,
    maxStoredBytes: options.maxStoredBytes,
    total: () => storedFiles.total(),
    clock,
  });
  const services: SequencerServices = {
    database,
    writeProbe: new WriteProbe(database, { write: tryInsertingTask, clock, logger }),
    keys,
    audit: new Audit(database, keys, options.auditDays ?? 365),
    sessions: new Sessions(database, { keys, signer, limits, clock: sharedClock }),
    addresses: new Addresses({
      limits,
      clock,
      logger,
      counts: callCounts,
      trustedProxies: options.trustedProxies ?? [],
    }),
    ownerCalls: new OwnerCalls({ limits, clock, counts: callCounts }),
    openRequests: new OpenRequests(database, { limits, clock, sharedClock, closing }),
    tasks: new Tasks(context, {
      onCancel: (task) => standings.recordCancel(task).catch(report),
      taskSeconds: limits.taskSeconds,
    }),
    heldHeartbeats: new HeldHeartbeats({ bus, keys, limits, clock, closing }),
    claims: new Claims(context, {
      maxLeases: limits.leases,
      limits: (workflow_id) => standings.limits(workflow_id),
      newcomers,
      warmth: {
        fleet,
        models: modelsOf(options.workflows),
        runnersOf: (workflow_id) => secondMiners.runnersOf(workflow_id),
      },
    }),
    attempts: new Attempts(context, {
      leaseSeconds,
      limits,
      workflows: withNetworkLimits(options.workflows, limits),
      unusual: async () => unusualSeconds(await runTimes.all(), limits.usualSeconds),
      hasOtherMiner: (workflow_id, miner_ids) => secondMiners.hasOther(workflow_id, miner_ids),
      isTaskFault: createFaultCheck(artifacts, options.workflows),
      async onFailure(failed) {
        secondMiners.recordFailure();
        const judged = failed.map(({ task, isExcused }) => ({ task, isExcused: isExcused || trouble.isFresh }));
        await standings.recordFailures(judged).catch(report);
      },
      async onFinish(tasks) {
        await newcomers.recordFinish(database, tasks).catch(report);
        await standings.recordFinish(tasks).catch(report);
        await fleet.recordFinish(tasks).catch(report);
      },
    }),
    repairStrays: () => repairStrays(context),
    deleteJobs: (signal) => dispatch.deleteEnded(database, signal),
    keepCounts: () => keepCounts(database, workflow_ids),
    artifacts,
    previews: createPreviews(database),
    previewPace: new PreviewPace(clock),
    miners,
    fleet,
    neglected: new Neglected(database, workflow_ids, clock),
    secondMiners,
    standings,
    runTimes,
    storedFiles,
    storageRoom,
    retention: new Retention(database, store, {
      days: retentionDays,
      missingBytes: () => storageRoom.missingBytes(),
      logger,
    }),
    webhooks: new Webhooks({
      database,
      secret,
      privateHosts: privateHostsOf(options),
      logger,
      proxyResolves: options.proxyResolves ?? false,
      describe: (task, linkBase) => describeTask(services, task, linkBase),
      closing,
      clock: sharedClock,
      onAttempt: (outcome) => counters.countDelivery(outcome),
    }),
    counters,
    traffic,
    bus,
    signer,
    clock,
    sharedClock,
    logger,
    warnSeldom: createThrottledLog((message, fields) => logger.warn(message, fields), clock),
    workflows: options.workflows,
    limits,
    leaseSeconds,
    corsOrigins: checkOrigins(options.corsOrigins ?? []),
    allowLegacyMiners: options.allowLegacyMiners ?? false,
    refuseUnservable: options.refuseUnservable ?? (() => undefined),
    adviseTask: options.adviseTask ?? (() => undefined),
    publicUrl: readPublicUrl(options.publicUrl),
    closing,
  };
  return { services, stopBus };
}

/** The models of each workflow. */
function modelsOf(workflows: readonly WorkflowDefinition[]): WorkflowModels {
  return new Map(workflows.map((each) => [each.workflow_id, hasFixedModels(each) ? modelKeyOf(each) : undefined]));
}

/** @throws {HeuristError} `invalid_configuration` */
function privateHostsOf({ privateHosts = [], allowPrivateWebhooks = false }: SequencerOptions): PrivateHosts {
  if (allowPrivateWebhooks) return ALL_PRIVATE_HOSTS;
  try {
    return parsePrivateHosts(privateHosts);
  } catch (cause) {
    throw new HeuristError((cause as Error).message, { code: 'invalid_configuration', cause });
  }
}

/** Ends an attempt whose outputs cannot be stored. */
async function giveUp(
  { tasks, attempts, logger }: SequencerServices,
  { task_id, attempt }: { task_id: string; attempt: number },
): Promise<void> {
  const { workflow_id } = await tasks.get(task_id);
  await attempts.fail({ task_id, workflow_id, attempt }, STORAGE_FAILED, true);
  logger.error('attempt ended: its files cannot be stored', { task_id, attempt });
}

/** A bus to the other processes that share the database, or inside this one if there can be none. */
async function openBus({ channel }: Database, logger: Logger): Promise<{ bus: Bus; stop: () => Promise<void> }> {
  if (!channel) return { bus: createBus(), stop: async () => {} };
  const bus = await createSharedBus(channel, ({ message }) => logger.warn('trouble with notifications', { message }));
  return { bus, stop: () => bus.stop() };
}

/** The secret that signs leases and URLs. It is stored, so that they outlive a restart. */
async function readSecret(database: Database): Promise<string> {
  const insert = `INSERT INTO heurist.setting (name, value) VALUES ('secret', $1) ON CONFLICT DO NOTHING`;
  await database.query(insert, [randomBytes(32).toString('hex')]);
  const [row] = await database.query<{ value: string }>(`SELECT value FROM heurist.setting WHERE name = 'secret'`);
  return row!.value;
}
