import type { Signer } from '../signer.ts';

/** What a web page may do, for how long, and in whose name. Its token says all of this, signed. */
export interface Session {
  session_id: string;
  /** The consumer whose key made it. */
  owner: string;
  /** That key: the session ends with it. */
  key_id: string;
  /** Workflows that it may submit. */
  workflow_ids: readonly string[];
  /** Types of tasks that it may submit, whatever their workflow. */
  task_types: readonly string[];
  /** When it ends: milliseconds since 1970, by the clock of the database. */
  expires: number;
  /** The end user all of whose tasks it sees; without one, only its own. */
  user_id?: string;
}

/** Marks a token, so that programs that look for leaked secrets can find it. */
const PREFIX = 'hst1';

/** Whether a key is the token of a session. Keys are hexadecimal. */
export const isSessionToken = (key: string): boolean => key.startsWith(`${PREFIX}.`);

/** A session as text: readable, but it cannot be forged. It goes where a key goes, so it must not contain `#`. */
export function encodeSession(session: Session, signer: Signer): string {
  const body = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${PREFIX}.${body}.${signer.sign(`session:${body}`)}`;
}

/** The session in a token, which may have ended; `undefined` if this network did not sign it. */
export function decodeSession(token: string, signer: Signer): Session | undefined {
  const [, body = '', signature = '', ...rest] = token.split('.');
  if (!isSessionToken(token) || rest.length || !signer.isValid(`session:${body}`, signature)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Session;
}

/** Whether a session may submit this workflow. */
export function permits(
  { workflow_ids, task_types }: Pick<Session, 'workflow_ids' | 'task_types'>,
  workflow: { workflow_id: string; task_type: string },
): boolean {
  return workflow_ids.includes(workflow.workflow_id) || task_types.includes(workflow.task_type);
}
