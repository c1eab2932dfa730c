import { randomUUID } from 'node:crypto';
import { HeuristError } from '@heurist/core';
import type { Clock } from '@heurist/server-kit/clock';
import type { Database } from '../../database/database.ts';
import { isUuid } from '../../database/uuid.ts';
import { CachedLookup } from '../cached-lookup.ts';
import type { Identity, Keys } from '../keys/keys.ts';
import { type CallerLimits, limitsOf } from '../limits/caller-limits.ts';
import type { NetworkLimits } from '../limits/limits.ts';
import type { Signer } from '../signer.ts';
import {
  areSessions,
  countOpenSessions,
  deleteEndedSessions,
  deleteSessions,
  insertSession,
  type OpenSessions,
  type SessionChoice,
} from './session-table.ts';
import { decodeSession, encodeSession, type Session } from './session-token.ts';

/** What the server of an app asks for. */
export interface SessionRequest {
  workflow_ids?: readonly string[] | undefined;
  task_types?: readonly string[] | undefined;
  max_tasks?: number | undefined;
  max_files?: number | undefined;
  /** Seconds. */
  expires_in?: number | undefined;
  user_id?: string | null | undefined;
  /** Whether it sees every task of `user_id`. */
  sees_user?: boolean | undefined;
}

/** A session that was made. */
export interface CreatedSession {
  /** `owner#token`, as a key. */
  session_token: string;
  session_id: string;
  /** ISO 8601. */
  expires_at: string;
}

/** What a session has if its maker does not say. */
const DEFAULTS = { max_tasks: 10, expires_in: 900 };
/** A task has an image, a mask and references. */
const FILES_PER_TASK = 4;
/** Sessions in the cache at most. */
const MAX_CACHED = 10_000;

interface SessionsOptions {
  keys: Keys;
  signer: Signer;
  limits: NetworkLimits;
  /** What other replicas compare with the time. */
  clock: Clock;
}

/** Sessions of web pages: short, narrow permissions that the server of an app hands out instead of its key. */
export class Sessions {
  readonly #database: Database;
  readonly #keys: Keys;
  readonly #signer: Signer;
  readonly #limits: NetworkLimits;
  readonly #clock: Clock;
  /** Whether sessions are there: one that was revoked is not. */
  readonly #isThere: CachedLookup<boolean>;

  constructor(database: Database, { keys, signer, limits, clock }: SessionsOptions) {
    this.#database = database;
    this.#keys = keys;
    this.#signer = signer;
    this.#limits = limits;
    this.#clock = clock;
    this.#isThere = new CachedLookup((ids) => areSessions(database, ids), { clock, maxCached: MAX_CACHED });
  }

  /**
   * Makes a session.
   *
   * @throws {HeuristError} `invalid_request` for one that may do nothing, or more than a limit, or sees an end user without a name; `rate_limited` if its owner, key or
   *   end user has as many open as it may
   */
  async create(consumer: Identity, request: SessionRequest): Promise<CreatedSession> {
    const limits = limitsOf(consumer, this.#limits);
    const { max_tasks, max_files, expires_in } = boundsOf(request, limits.own);
    const { workflow_ids = [], task_types = [], user_id = null } = request;
    const seen = seenUser(request);
    const { owner, key_id } = consumer;
    const session_id = randomUUID();
    const expires = this.#clock.now() + expires_in * 1000;
    await this.#database.transaction(async (sql) => {
      checkRoom(await countOpenSessions(sql, { owner, key_id, user_id }), limits, { owner, user_id });
      await insertSession(sql, {
        session_id,
        owner,
        key_id,
        user_id,
        max_tasks,
        max_files,
        expires_at: new Date(expires),
      });
    });
    const session: Session = { session_id, owner, key_id, workflow_ids, task_types, expires, ...seen };
    return {
      session_token: `${owner}#${encodeSession(session, this.#signer)}`,
      session_id,
      expires_at: new Date(expires).toISOString(),
    };
  }

  /** The session of a token, if this network signed it. It may have ended. */
  read(token: string): Session | undefined {
    return decodeSession(token, this.#signer);
  }

  /**
   * Who calls with a session.
   *
   * @throws {HeuristError} `unauthorized` if it has ended: it has expired, or it or its key was revoked, or its key has expired
   */
  async identify(session: Session): Promise<Identity> {
    const { expires, key_id, session_id } = session;
    if (expires <= this.#clock.now()) throw endedSession('has expired');
    const [identity, isThere] = await Promise.all([this.#keys.identifyById(key_id), this.#isThere.get(session_id)]);
    if (!identity) throw endedSession('has ended: its key was revoked, or has expired');
    if (!isThere) throw endedSession('has ended: it was revoked');
    return { ...identity, session, scope: scopeOfSession(session) };
  }

  /**
   * Revokes one session, or all sessions of an end user: here at once, at other replicas within a second. Their tasks go on.
   *
   * @param by - the consumer whose sessions they are, or an operator, who must name one session
   * @returns their ids
   * @throws {HeuristError} `not_found` if there is no such session, or none of this consumer; `invalid_request` if none is named
   */
  async revoke({ role, owner }: Pick<Identity, 'role' | 'owner'>, choice: SessionChoice): Promise<string[]> {
    const { session_id, user_id } = choice;
    const isOperator = role === 'operator';
    if (session_id === undefined && (isOperator || user_id === undefined))
      throw new HeuristError(
        isOperator
          ? 'Name the session: add `session_id`.'
          : 'Name a session or an end user: add `session_id` or `user_id`.',
        { code: 'invalid_request' },
      );
    const isPossible = session_id === undefined || isUuid(session_id);
    const ids = isPossible ? await deleteSessions(this.#database, isOperator ? undefined : owner, choice) : [];
    this.#isThere.clear();
    if (session_id !== undefined && !ids.length)
      throw new HeuristError(`There is no open session ${session_id}.`, { code: 'not_found' });
    return ids;
  }

  /** Forgets what has ended. */
  async sweep(): Promise<void> {
    await deleteEndedSessions(this.#database);
  }
}

/** What tasks of a session have in common, and no others. */
const scopeOfSession = ({ session_id, user_id }: Session) =>
  user_id === undefined ? `session:${session_id}` : scopeOfUser(user_id);

/** What tasks for one end user have in common, if a server asks in its name. */
export const scopeOfUser = (user_id: string): string => `user:${user_id}`;

export const endedSession = (how: string) =>
  new HeuristError(`The session ${how}. Ask the server of your app for a new session token.`, { code: 'unauthorized' });

/** @throws {HeuristError} `invalid_request` */
function seenUser({ user_id, sees_user = false }: SessionRequest): { user_id?: string } {
  if (!sees_user) return {};
  if (user_id) return { user_id };
  throw new HeuristError('A session with `sees_user` must say whose tasks it sees: add `user_id`.', {
    code: 'invalid_request',
  });
}

/** @throws {HeuristError} `invalid_request` */
function boundsOf(request: SessionRequest, limits: NetworkLimits) {
  const { workflow_ids = [], task_types = [] } = request;
  if (!workflow_ids.length && !task_types.length)
    throw new HeuristError(
      'A session must say what may be submitted with it: add `workflow_ids`, `task_types`, or both.',
      { code: 'invalid_request' },
    );
  const { sessionTasks, sessionFiles, sessionSeconds } = limits;
  const max_tasks = withinLimit('max_tasks', request.max_tasks, DEFAULTS.max_tasks, sessionTasks);
  return {
    max_tasks,
    max_files: withinLimit('max_files', request.max_files, max_tasks * FILES_PER_TASK, sessionFiles),
    expires_in: withinLimit('expires_in', request.expires_in, DEFAULTS.expires_in, sessionSeconds),
  };
}

function withinLimit(name: string, asked: number | undefined, usual: number, limit: number): number {
  if (asked !== undefined && asked > limit)
    throw new HeuristError(`\`${name}\` must be at most ${limit}, the limit of your key (got ${asked}).`, {
      code: 'invalid_request',
    });
  return asked ?? Math.min(usual, limit);
}

/** @throws {HeuristError} `rate_limited` */
function checkRoom(
  open: OpenSessions,
  { shared, own }: CallerLimits,
  { owner, user_id }: { owner: string; user_id: string | null },
): void {
  const counts = [
    { who: owner, count: open.of_owner, most: shared.sessions },
    { who: `This key of ${owner}`, count: open.of_key, most: own.sessions },
    ...(user_id === null ? [] : [{ who: `The end user "${user_id}"`, count: open.of_user, most: own.userSessions }]),
  ];
  const full = counts.find(({ count, most }) => count >= most);
  if (full)
    throw new HeuristError(
      `${full.who} has ${full.count} open sessions, and the limit is ${full.most}. Use a session until it expires, or make shorter ones.`,
      { code: 'rate_limited' },
    );
}
