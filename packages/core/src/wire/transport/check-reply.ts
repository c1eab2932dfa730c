import type * as z from 'zod/mini';
import { HeuristError } from '../errors.ts';
import { printableLine } from '../printable.ts';
import { checkProtocolVersion, PROTOCOL_HEADER } from '../protocol-version.ts';

/** @throws {HeuristError} `protocol_mismatch` */
export function checkVersion({ headers }: Pick<Response, 'headers'>, baseUrl: string): void {
  const names = { us: 'this version of the Heurist SDK', them: `the sequencer at ${baseUrl}` };
  checkProtocolVersion(headers.get(PROTOCOL_HEADER), names);
}

/** A proxy's error page may have status 200, and so may the page for a login that a redirect led to. */
export async function isWebPage(response: Response): Promise<boolean> {
  if (!/^text\/html\b/i.test(response.headers.get('content-type') ?? '')) return false;
  return (await response.text()).trim() !== '';
}

export function notStored(): HeuristError {
  const message = 'The storage answered the upload with a web page. Is there a proxy in front of it?';
  return new HeuristError(message, { code: 'invalid_reply', isRetryable: true });
}

/** `undefined` for a page of a proxy, an empty body and one that was cut off. */
export async function readJson(response: Pick<Response, 'text'>): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return undefined;
  }
}

export function notJson(baseUrl: string, task_id: string | undefined): HeuristError {
  const message = `The sequencer at ${baseUrl} returned a response that is not JSON. Is this the URL of a sequencer?`;
  return new HeuristError(message, { code: 'invalid_reply', isRetryable: true, task_id });
}

/** What is wrong with a reply. One that names a task is a sequencer's, and stays as it is; any other may be a proxy's. */
export function problemOf(
  reply: unknown,
  schema: z.ZodMiniType,
  where: string,
  task_id: string | undefined,
): HeuristError | undefined {
  const { success, error } = schema.safeParse(reply);
  if (success) return undefined;
  const field = error.issues[0]?.path.join('.');
  const { status } = (reply ?? {}) as { status?: unknown };
  const isUnknown = field === 'status' && typeof status === 'string';
  const problem = isUnknown
    ? `its \`status\` is "${printableLine(status, 40)}", which this version of the SDK does not know`
    : field
      ? `\`${field}\` is missing or not valid`
      : 'it is not a JSON object';
  const isRetryable = typeof (reply as { task_id?: unknown } | null)?.task_id !== 'string';
  const message = `Unexpected reply to ${where}: ${problem}. Is this the URL of a sequencer?`;
  return new HeuristError(message, { code: 'invalid_reply', isRetryable, task_id });
}
