// Verifies webhooks, which a sequencer sends to a `webhook_url`. Needs Web Crypto. The scheme is Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { HeuristError } from './wire/errors.ts';
import { isTaskResult, type OutputDescription, type WorkflowTaskResult } from './wire/task-result.ts';

/** Payload of a webhook. */
export interface WebhookEvent {
  type: 'task.finished' | 'task.failed' | 'task.canceled';
  /** When the task ended, ISO 8601. */
  timestamp: string;
  /** The task, as a query returns it. */
  data: WorkflowTaskResult<OutputDescription>;
}

/** A request as received. */
export interface WebhookRequest {
  headers: Headers | Record<string, string | string[] | undefined>;
  /** The raw body, not parsed and serialized again: the signature covers its bytes. */
  body: string;
}

/** Options of {@link verifyWebhook}. */
export interface VerifyOptions {
  /** Largest accepted difference to the current time, in seconds, against replay attacks. Default 300. */
  toleranceSeconds?: number;
}

const PREFIX = 'whsec_';

/**
 * Verifies that a request comes from the network and is recent. Remember the `webhook-id` of webhooks that you have handled:
 * if your response is lost, the webhook is sent again with the same id.
 *
 * @param secret - from `heurist.workflow.webhookSecret()`: `whsec_...`
 * @returns the payload
 * @throws {HeuristError} `invalid_signature` if the request is not valid: respond with status 400
 * @throws {HeuristError} `invalid_configuration` if the secret is malformed
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
    throw invalid('Missing header: webhook-id, webhook-timestamp or webhook-signature.');
  const age = Date.now() / 1000 - Number(timestamp);
  if (!(Math.abs(age) <= toleranceSeconds))
    throw invalid(`The webhook is ${Math.round(age)} seconds old (accepted: ${toleranceSeconds}). Check the clock.`);
  const key = await importKey(secret);
  const content = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const checks = signatures.split(' ').map(async (entry) => {
    const [version, signature = ''] = entry.split(',');
    const bytes = version === 'v1' ? fromBase64(signature) : undefined;
    // compares in constant time
    return bytes !== undefined && (await crypto.subtle.verify('HMAC', key, bytes, content));
  });
  if (!(await Promise.all(checks)).includes(true))
    throw invalid('The signature does not match. Check the secret, and pass the body as received.');
  return readEvent(body);
}

/**
 * Signs a webhook, as the sequencer does.
 *
 * @param timestamp - seconds since 1970
 * @returns value of the header `webhook-signature`
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
    throw new HeuristError(
      `The webhook secret must be ${PREFIX} and base64. Get it with heurist.workflow.webhookSecret().`,
      {
        code: 'invalid_configuration',
      },
    );
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
  const event = parse(body) as WebhookEvent | null | undefined;
  if (!isTaskResult(event?.data)) throw invalid('Unknown webhook payload. Update @heurist/core.');
  return event;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
