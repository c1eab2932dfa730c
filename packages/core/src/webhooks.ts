// Verifies what a sequencer sends to a `webhook_url`. Runs wherever Web Crypto does. The scheme is Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { HeuristError } from './wire/errors.ts';
import { taskResultSchema, type WorkflowTaskResult } from './wire/task-result.ts';

/** What a webhook tells. */
export interface WebhookEvent {
  type: 'task.finished' | 'task.failed' | 'task.canceled';
  /** When the task ended, ISO 8601. */
  timestamp: string;
  /** The task, as a query would tell it. */
  data: WorkflowTaskResult;
}

/** A request as it arrived. */
export interface WebhookRequest {
  headers: Headers | Record<string, string | string[] | undefined>;
  /** The body as it came, not parsed and written again: the signature is over its bytes. */
  body: string;
}

/** How to verify. */
export interface VerifyOptions {
  /** How old, or how far ahead, a message may be, in seconds: what was listened to once is worth nothing later. Default 300. */
  toleranceSeconds?: number;
}

const PREFIX = 'whsec_';

/**
 * Checks that a request comes from the network, and is not an old one sent again. Keep the `webhook-id` of what you have
 * handled: a message whose answer was lost comes again, with the same id.
 *
 * @param secret - from `heurist.workflow.webhookSecret()`: `whsec_...`
 * @returns the message
 * @throws {HeuristError} `invalid_signature` when anything about it is wrong; answer with status 400
 */
export async function verifyWebhook(
  { headers, body }: WebhookRequest,
  secret: string,
  { toleranceSeconds = 300 }: VerifyOptions = {},
): Promise<WebhookEvent> {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    headerOf(headers, `webhook-${name}`),
  );
  if (!id || !timestamp || !signatures)
    throw invalid('The headers webhook-id, webhook-timestamp or webhook-signature lack.');
  const age = Date.now() / 1000 - Number(timestamp);
  if (!(Math.abs(age) <= toleranceSeconds))
    throw invalid(`The message is ${Math.round(age)} seconds old; ${toleranceSeconds} are accepted.`);
  const key = await importKey(secret);
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const checks = signatures.split(' ').map(async (entry) => {
    const [version, signature = ''] = entry.split(',');
    const bytes = version === 'v1' ? fromBase64(signature) : undefined;
    // compares in constant time
    return bytes !== undefined && (await crypto.subtle.verify('HMAC', key, bytes, content));
  });
  if (!(await Promise.all(checks)).includes(true))
    throw invalid('The signature is wrong: is the secret the right one?');
  return readEvent(body);
}

/**
 * Signs a message, as the sequencer does.
 *
 * @returns the value of the header `webhook-signature`
 */
export async function signWebhook(id: string, timestamp: number, body: string, secret: string): Promise<string> {
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const signature = await crypto.subtle.sign('HMAC', await importKey(secret), content);
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}

const invalid = (message: string) => new HeuristError(message, { code: 'invalid_signature' });

function headerOf(headers: WebhookRequest['headers'], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function importKey(secret: string) {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : undefined;
  if (!bytes?.length)
    throw new HeuristError(`The webhook secret must begin with ${PREFIX}; heurist.workflow.webhookSecret() tells it.`, {
      code: 'invalid_configuration',
    });
  return await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function readEvent(body: string): WebhookEvent {
  const event = JSON.parse(body) as WebhookEvent;
  const { success, data } = taskResultSchema.safeParse(event?.data);
  if (!success) throw invalid('The message is none that this version knows.');
  return { ...event, data };
}
