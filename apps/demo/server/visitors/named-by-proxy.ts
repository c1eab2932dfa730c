import { Heurist, type Session } from '@heurist/core';
import { openSession } from './permission.ts';
import type { Proxies } from './proxies.ts';
import { SignedOutError, type Visitor, type Visitors } from './visitor.ts';

interface NamedByProxyOptions {
  workflowURL: string;
  /** The server's own: it makes the sessions of all visitors. */
  apiKey: string;
  /** In which the proxy says who asks. */
  header: string;
  proxies: Proxies;
}

/** Sessions are renewed while they can still be used. */
const SPARE_MS = 60_000;
/** Printable, and short enough for an id of the network. */
const NAME = /^[\x21-\x7e][\x20-\x7e]{0,149}$/;

/** Visitors whom the proxy in front has signed in: each has sessions of their own, made with the server's key. */
export function namedByProxy({ workflowURL, apiKey, header, proxies }: NamedByProxyOptions): Visitors {
  const own = new Heurist({ workflowURL, apiKey });
  const sessions = new Map<string, Promise<Session>>();

  const open = (name: string): Promise<Session> => {
    const session = openSession(own, `studio:${name}`);
    sessions.set(name, session);
    session.catch(() => sessions.delete(name));
    return session;
  };
  const clientOf = ({ session_token }: Session) => new Heurist({ workflowURL, apiKey: session_token });

  async function find(name: string): Promise<Session> {
    const session = await (sessions.get(name) ?? open(name));
    return Date.parse(session.expires_at) - SPARE_MS > Date.now() ? session : await open(name);
  }

  return {
    signsIn: false,
    async find(c): Promise<Visitor> {
      // anybody can send a header: it counts if our proxy has set it
      const name = proxies.isFrom(c) ? c.req.header(header) : undefined;
      if (!name || !NAME.test(name)) throw new SignedOutError('none');
      const heurist = clientOf(await find(name));
      return { id: name, name, heurist, renew: async () => clientOf(await open(name)) };
    },
  };
}
