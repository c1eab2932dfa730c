import type { WorkflowDefinition } from '@heurist/core/definition';
import type { Clock } from '@heurist/server-kit/clock';
import type { Logger } from '@heurist/server-kit/logger';
import type { createThrottledLog } from '@heurist/server-kit/throttled-log';
import type { Addresses } from '../access/addresses/addresses.ts';
import type { OpenRequests } from '../access/counts/open-requests.ts';
import type { OwnerCalls } from '../access/counts/owner-calls.ts';
import type { Keys } from '../access/keys/keys.ts';
import type { NetworkLimits } from '../access/limits/limits.ts';
import type { Audit } from '../access/operators/audit.ts';
import type { Sessions } from '../access/sessions/sessions.ts';
import type { Signer } from '../access/signer.ts';
import type { Bus } from '../bus/bus.ts';
import type { Database } from '../database/database.ts';
import type { SharedClock } from '../database/shared-clock.ts';
import type { WriteProbe } from '../database/write-probe.ts';
import type { Artifacts } from '../files/artifacts.ts';
import type { StorageRoom } from '../files/storage-room.ts';
import type { StoredFiles } from '../files/stored-files.ts';
import type { Counters } from '../metrics/counters.ts';
import type { Traffic } from '../metrics/traffic.ts';
import type { SequencerOptions } from '../sequencer-options.ts';
import type { Attempts } from '../tasks/attempts.ts';
import type { Claims } from '../tasks/claims.ts';
import type { LiveMiners } from '../tasks/live-miners.ts';
import type { Neglected } from '../tasks/neglected.ts';
import type { PreviewPace, Previews } from '../tasks/previews.ts';
import type { RunTimes } from '../tasks/run-times.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { SecondMiners } from '../tasks/trust/second-miners.ts';
import type { Standings } from '../tasks/trust/standings.ts';
import type { Retention } from '../tasks/upkeep/retention.ts';
import type { Fleet } from '../tasks/warm/fleet.ts';
import type { Webhooks } from '../tasks/webhooks/webhooks.ts';
import type { HeldHeartbeats } from './heartbeats/held-heartbeats.ts';

/** What the routes work on. */
export interface SequencerServices {
  database: Database;
  writeProbe: WriteProbe;
  keys: Keys;
  audit: Audit;
  sessions: Sessions;
  addresses: Addresses;
  ownerCalls: OwnerCalls;
  openRequests: OpenRequests;
  tasks: Tasks;
  claims: Claims;
  heldHeartbeats: HeldHeartbeats;
  attempts: Attempts;
  /** Repairs tasks without their jobs. Resolves with their number. */
  repairStrays: () => Promise<number>;
  /** Deletes jobs of tasks that ended. Resolves with whether more may be left. */
  deleteJobs: (signal: AbortSignal) => Promise<boolean>;
  /** Counts tasks for whoever asks how many there are. */
  keepCounts: () => Promise<void>;
  artifacts: Artifacts;
  previews: Previews;
  previewPace: PreviewPace;
  miners: LiveMiners;
  fleet: Fleet;
  neglected: Neglected;
  secondMiners: SecondMiners;
  standings: Standings;
  runTimes: RunTimes;
  webhooks: Webhooks;
  storedFiles: StoredFiles;
  storageRoom: StorageRoom;
  retention: Retention;
  /** What happens here; other replicas have their own. */
  counters: Counters;
  traffic: Traffic;
  bus: Bus;
  signer: Signer;
  /** For how long something takes here. */
  clock: Clock;
  /** For what other replicas compare with the time. */
  sharedClock: SharedClock;
  logger: Logger;
  /** Logs what may come with each request: each kind once a minute. */
  warnSeldom: ReturnType<typeof createThrottledLog>;
  workflows: readonly WorkflowDefinition[];
  limits: NetworkLimits;
  leaseSeconds: number;
  allowLegacyMiners: boolean;
  /** Origins of pages that may call this network. */
  corsOrigins: ReadonlySet<string>;
  refuseUnservable: NonNullable<SequencerOptions['refuseUnservable']>;
  adviseTask: NonNullable<SequencerOptions['adviseTask']>;
  /** What links in responses begin with; it ends with a slash. Missing: the address that the caller used. */
  publicUrl: string | undefined;
  /** Fires when the server closes, so that held requests end. */
  closing: AbortSignal;
}
