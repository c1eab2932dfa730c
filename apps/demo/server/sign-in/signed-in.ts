import { Heurist, type Session } from '@heurist/core';
import type { Context } from 'hono';
import { SignedOutError, type Visitor, type Visitors } from '../visitors/visitor.ts';
import { readSession } from './session-cookie.ts';

/** Visitors who sign in with keys of their own: their browsers keep the token of a session, this server keeps no key. */
export class SignedIn implements Visitors {
  readonly signsIn = true;
  readonly #workflowURL: string;
  /** Sessions that were signed out, until they expire: the network ends a session only for its key. */
  readonly #left = new Map<string, number>();

  constructor(workflowURL: string) {
    this.#workflowURL = workflowURL;
  }

  async find(c: Context): Promise<Visitor> {
    const { session_token } = this.session(c);
    const [name = ''] = session_token.split('#');
    return { id: name, name, heurist: new Heurist({ workflowURL: this.#workflowURL, apiKey: session_token }) };
  }

  /** @throws {SignedOutError} if the browser has none, or it has ended */
  session(c: Context): Session {
    const session = readSession(c);
    if (!session) throw new SignedOutError('none');
    if (this.#left.has(session.session_id)) throw new SignedOutError('signed-out');
    if (Date.parse(session.expires_at) <= Date.now()) throw new SignedOutError('expired');
    return session;
  }

  /** Ends a session here, also for a copy of its cookie. */
  leave({ session_id, expires_at }: Session): void {
    const now = Date.now();
    for (const [id, expires] of this.#left) if (expires <= now) this.#left.delete(id);
    this.#left.set(session_id, Date.parse(expires_at));
  }
}
