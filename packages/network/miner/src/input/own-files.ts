import { anyOf, parsePrivateHosts } from '@heurist/server-kit/private-hosts';
import { NO_PRIVATE_HOSTS, type PrivateHosts } from '@heurist/server-kit/public-address';
import type { AddressPolicy } from '@heurist/server-kit/public-target';

/** Networks in which a sequencer or its storage may be. Neither this machine, nor what only it can reach (link-local, metadata). */
const LAN = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
const MACHINE = ['127.0.0.0/8', '::1'];

/** The address of a file, as sequencers sign it. */
const FILE = /\/artifacts\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface OwnFilesOptions {
  /** As the miner was given it. */
  sequencerUrl: string;
  /** From the sequencer, with the task. */
  fileOrigins?: readonly string[] | undefined;
  /** What the operator allows in any case. */
  privateHosts?: PrivateHosts | undefined;
}

/**
 * Which files are the network's own: uploaded by a consumer to the sequencer that this miner works for, or to its storage. They are
 * fetched from private networks too. A consumer cannot reach anything else in these by naming it: apart from the address that the miner
 * itself uses for the sequencer, only addresses of files are followed, and the storage only by a redirect from one.
 */
export class OwnFiles {
  readonly #sequencer: string;
  readonly #told: ReadonlySet<string>;
  readonly #policy: AddressPolicy;

  constructor({ sequencerUrl, fileOrigins = [], privateHosts = NO_PRIVATE_HOSTS }: OwnFilesOptions) {
    const { origin, hostname } = new URL(sequencerUrl);
    this.#sequencer = origin;
    this.#told = new Set(fileOrigins.map((text) => URL.parse(text)?.origin ?? ''));
    const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
    const near = parsePrivateHosts(isHere ? [...LAN, ...MACHINE] : LAN);
    this.#policy = { privateHosts: anyOf(privateHosts, near), proxyResolves: true };
  }

  /** Whether this is the address that the miner itself was given. */
  isTrusted({ origin }: URL): boolean {
    return origin === this.#sequencer;
  }

  /** Whether this is the address of a file at the sequencer. */
  isFile({ origin, pathname, searchParams }: URL): boolean {
    const isSequencer = origin === this.#sequencer || this.#told.has(origin);
    return isSequencer && FILE.test(pathname) && searchParams.has('signature');
  }

  /** How to reach a file of the network; `undefined` if this is not one. */
  policyFor(url: URL, redirectedFrom: URL | undefined): AddressPolicy | undefined {
    const isStored = redirectedFrom && this.isFile(redirectedFrom) && this.#told.has(url.origin);
    return isStored || this.isFile(url) ? this.#policy : undefined;
  }
}
