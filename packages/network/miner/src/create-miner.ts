import { setMaxListeners } from 'node:events';
import { ComfyClient } from '@heurist/comfyui';
import { HeuristError } from '@heurist/core';
import { rawWorkflow, type WorkflowDefinition } from '@heurist/core/definition';
import { type Logger, silentLogger } from '@heurist/core/protocol';
import { type Clock, systemClock } from '@heurist/server-kit/clock';
import { tolerateLogger } from '@heurist/server-kit/logger';
import { parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import { ALL_PRIVATE_HOSTS, type PrivateHosts } from '@heurist/server-kit/public-address';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { ClaimLoop } from './claim-loop.ts';
import type { WorkflowCheck } from './comfyui/check-requirements.ts';
import { Cleaner } from './comfyui/cleaner.ts';
import { ComfyFolder } from './comfyui/comfy-folder.ts';
import { ComfyGuard } from './comfyui/comfy-guard.ts';
import { Offers } from './comfyui/offers.ts';
import { SequencerClient, type SequencerProtocol } from './sequencer/sequencer-client.ts';
import type { MinerReport, MinerState } from './status/miner-report.ts';
import { InFlight } from './task/in-flight.ts';
import { noJournal, openJournal } from './task/journal.ts';
import { MAX_DELIVERIES, TaskRunner } from './task-runner.ts';
import { HeldModels } from './warm/held-models.ts';
import { noLoadTimes, openLoadTimes } from './warm/load-times-file.ts';

/** Settings of a miner. */
export interface MinerOptions {
  /** Address of the sequencer. */
  sequencer: string;
  /** `minerId#key`, from the sequencer's operator. */
  key: string;
  /** Address of the ComfyUI server. It may hold a user name and password, which are sent and never shown. */
  comfyui: string;
  /** Workflows to offer. Those that this ComfyUI cannot run are left out. */
  workflows: readonly WorkflowDefinition[];
  /**
   * Hosts outside the public internet from which inputs are fetched too: addresses, networks, names, each also with a port, such as
   * `10.0.0.0/8`, `storage.internal`, `*.internal` and `storage.internal:9000`. A task can read whatever they allow. Default: none.
   * Files that were uploaded to the sequencer or its storage are always fetched.
   */
  privateHosts?: readonly string[];
  /** Allow all of them, as `privateHosts: ['*']` does. Default `false`. */
  allowPrivateInputs?: boolean;
  /**
   * Behind a proxy (`HTTP_PROXY`), leave names of inputs that cannot be resolved here to the proxy. It may see private networks.
   * Default `false`: such inputs are refused.
   */
  proxyResolves?: boolean;
  /**
   * How many tasks to claim ahead, so that their inputs are fetched and they wait in ComfyUI's own queue when the GPU gets free.
   * That happens only when the running tasks are about to end: until then, another miner may be free. Default 1; 0 claims none.
   */
  prefetch?: number;
  /**
   * Keep the graph, and with it the prompt, in the files that ComfyUI made. Default `false`: who gets a picture does not get the
   * prompt.
   */
  keepMetadata?: boolean;
  /**
   * The folder of the ComfyUI, which holds `input`, `output` and `temp`, if it is on this machine: inputs and outputs are removed from
   * there once their task has ended. Default: they stay.
   */
  comfyuiFolder?: string;
  /** Allow sending the key over plain HTTP to a remote host. Default `false`. */
  allowInsecureHttp?: boolean;
  /**
   * Node classes that consumers may use in graphs of their own (task type `raw`, on networks that allow it). Default none: only
   * the graphs of `workflows` are run.
   */
  rawNodes?: readonly string[];
  /** Folder for notes on tasks in flight, so that a restart of the miner does not lose them. Default: no notes. */
  journal?: string;
  /**
   * Restarts the ComfyUI. Called if its queue is stuck, if the GPU's context is lost, or if it has not answered for a minute; at
   * most once in five minutes. Default: somebody else has to restart it.
   */
  restartComfyui?: () => Promise<void>;
  /** How long ComfyUI's queue may stand still, without a sign of life from the graph, before it counts as stuck. Seconds, default 600. */
  stallSeconds?: number;
  /** The other side of the wire. Default: Heurist's own sequencer at `sequencer`. */
  protocol?: SequencerProtocol;
  /** Where to log. Default: nowhere. */
  logger?: Logger;
}

/** A miner. */
export interface Miner {
  /**
   * Asks the ComfyUI what it can run, resumes the tasks that were in flight before, and begins to claim.
   *
   * @returns what was found for each workflow
   * @throws {HeuristError} if the ComfyUI cannot be reached, can run none of the workflows, or `comfyuiFolder` is not its folder
   */
  start(): Promise<WorkflowCheck[]>;
  /**
   * Settles when the miner has ended: resolves after `stop()`.
   *
   * @throws {HeuristError} if the sequencer refuses the miner, such as `unauthorized` for an invalid key: after the tasks in flight
   * have been delivered
   */
  readonly ended: Promise<void>;
  /** What the miner does now, and has done. */
  status(): MinerReport;
  /**
   * Drains: claims no more, finishes the tasks in flight, and resolves.
   *
   * @param options - `giveBack`: interrupt unfinished graphs, so that other miners get their tasks at once. That costs each task
   * one of its attempts. Default `false`.
   */
  stop(options?: { giveBack?: boolean }): Promise<void>;
}

/**
 * Creates a miner for one ComfyUI.
 *
 * @throws {HeuristError} `insecure_url` or `invalid_configuration` for settings that cannot work
 */
export function createMiner(options: MinerOptions): Miner {
  return new ComfyMiner(options, systemClock);
}

/** {@link createMiner} with another clock, for tests. */
export function createMinerWithClock(options: MinerOptions, clock: Clock): Miner {
  return new ComfyMiner(options, clock);
}

/** @throws {HeuristError} `invalid_configuration` */
function privateHostsOf({ privateHosts = [], allowPrivateInputs = false }: MinerOptions): PrivateHosts {
  if (allowPrivateInputs) return ALL_PRIVATE_HOSTS;
  try {
    return parsePrivateHosts(privateHosts);
  } catch (cause) {
    throw new HeuristError((cause as Error).message, { code: 'invalid_configuration', cause });
  }
}

/** It may hold twice as many tasks: those that run or are fetched ahead, and those that are being delivered. */
const slotsOf = (prefetch: number) => Math.max(1 + prefetch, MAX_DELIVERIES);

function createClient(
  { sequencer, key, allowInsecureHttp = false, prefetch = 1 }: MinerOptions,
  logger: Logger,
): SequencerProtocol {
  const onNotice = (message: string) => logger.warn('the sequencer keeps tasks from this miner', { message });
  return new SequencerClient(sequencer, key, { allowInsecureHttp, onNotice, slots: slotsOf(prefetch) });
}

class ComfyMiner implements Miner {
  readonly ended: Promise<void>;
  readonly #url: string;
  readonly #sequencer: SequencerProtocol;
  readonly #logger: Logger;
  readonly #offers: Offers;
  readonly #guard: ComfyGuard;
  readonly #inFlight: InFlight;
  readonly #runner: TaskRunner;
  readonly #loop: ClaimLoop;
  readonly #folder: ComfyFolder | undefined;
  readonly #models: HeldModels;
  readonly #end = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #hasStarted = false;
  #hasStopped = false;
  #isRefused = false;

  constructor(options: MinerOptions, clock: Clock) {
    const logger = tolerateLogger(options.logger ?? silentLogger);
    const { stallSeconds = 600, prefetch = 1, keepMetadata = false } = options;
    const comfyui = new ComfyClient({ url: options.comfyui, stallTimeout: stallSeconds * 1000 }, clock);
    const sequencer = options.protocol ?? createClient(options, logger);
    const { proxyResolves = false } = options;
    const policy = { sequencerUrl: options.sequencer, privateHosts: privateHostsOf(options), proxyResolves, clock };
    const rawNodes = new Set(options.rawNodes);
    const workflows = rawNodes.size ? [...options.workflows, rawWorkflow] : options.workflows;
    const journal = options.journal ? openJournal(options.journal, clock) : noJournal;
    const offers = new Offers(comfyui, workflows, clock);
    const guard = new ComfyGuard({ comfyui, restart: options.restartComfyui, logger, clock });
    const folder = options.comfyuiFolder === undefined ? undefined : new ComfyFolder(options.comfyuiFolder);
    const cleaner = new Cleaner({ comfyui, folder, logger, clock });
    const loadTimes = options.journal ? openLoadTimes(options.journal, comfyui.url, logger) : noLoadTimes;
    const models = new HeldModels(loadTimes.times, loadTimes.save);
    const inFlight = new InFlight({ comfyui, journal, cleaner, workflows, logger, clock });
    const common = { comfyui, sequencer, offers, guard, inFlight, cleaner, models, logger, clock };
    const runner = new TaskRunner({ ...common, policy, rawNodes, prefetch, keepMetadata });
    this.#loop = new ClaimLoop({
      ...common,
      untilDue: (signal) => runner.untilDue(signal),
      take: async (task) => {
        runner.tally.addClaim();
        await inFlight
          .clearLeftovers(task?.task_id)
          .catch((error) => logger.warn('leftovers stay in ComfyUI', { message: `${error}` }));
        if (task) runner.begin(task);
      },
    });
    this.#url = hideCredentials(options.comfyui);
    this.#sequencer = sequencer;
    this.#logger = logger;
    this.#offers = offers;
    this.#guard = guard;
    this.#inFlight = inFlight;
    this.#runner = runner;
    this.#folder = folder;
    this.#models = models;
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
    setMaxListeners(0, this.#stopping.signal);
  }

  start = async (): Promise<WorkflowCheck[]> => {
    await this.#folder?.check();
    const checks = await this.#offers.load();
    if (!this.#folder) {
      const message = 'inputs and outputs of tasks stay in the folders of this ComfyUI until you delete them';
      this.#logger.info(message, { comfyui: this.#url });
    }
    this.#hasStarted = true;
    for (const task of await this.#inFlight.reopen(this.#sequencer)) this.#runner.begin(task);
    this.#loop.run(this.#stopping.signal).then(this.#end.resolve, (error) => void this.#endRefused(error));
    return checks;
  };

  status = (): MinerReport => {
    return {
      comfyui: this.#url,
      state: this.#state(),
      offers: this.#offers.workflowIds,
      running: this.#runner.running,
      delivering: this.#runner.delivering,
      ...this.#runner.tally.counts,
      models: this.#models.warm,
      restarts: this.#guard.restarts,
    };
  };

  stop = async ({ giveBack = false }: { giveBack?: boolean } = {}): Promise<void> => {
    this.#stopping.abort();
    if (giveBack) this.#runner.giveBack();
    if (this.#hasStarted) await this.ended.catch(() => {});
    await this.#runner.drain();
    this.#hasStopped = true;
  };

  /** What has been begun is finished and delivered first: the leases may still hold. */
  async #endRefused(error: Error): Promise<void> {
    this.#isRefused = true;
    this.#logger.error('the sequencer refuses this miner', { message: error.message });
    await this.#runner.drain().finally(() => this.#end.reject(error));
  }

  #state(): MinerState {
    if (this.#hasStopped) return 'stopped';
    if (this.#stopping.signal.aborted || this.#isRefused) return 'stopping';
    return this.#loop.waitsFor ?? (this.#runner.running ? 'busy' : 'idle');
  }
}
