import { isNestedWithin } from '@heurist/server-kit/nesting';
import { readBody as checkBody } from '@heurist/server-kit/read-body';
import type { IncomingCall } from '../http/reply.ts';
import { Refusal } from './refusal.ts';

/** As a sequencer has them by default. */
export const JSON_BYTES = 1_000_000;
const JSON_LEVELS = 64;

type Schema<T> = Parameters<typeof checkBody<T>>[1];

/**
 * Reads the body of a call as strictly as a sequencer does.
 *
 * @param precheck - default: {@link checkJson}
 * @throws {Refusal} `invalid_request`, naming each field that is wrong; `payload_too_large`
 */
export async function readBody<T>({ bytes }: IncomingCall, schema: Schema<T>, precheck = checkJson): Promise<T> {
  if (bytes.byteLength > JSON_BYTES)
    throw new Refusal('payload_too_large', `The request is larger than ${JSON_BYTES} bytes. Upload files instead.`);
  return await check(async () => JSON.parse(new TextDecoder().decode(bytes)), schema, precheck);
}

/**
 * Checks one of many items in a body as a body of its own.
 *
 * @throws {Refusal} `invalid_request`
 */
export async function readItem<T>(item: unknown, schema: Schema<T>): Promise<T> {
  return await check(async () => item, schema, checkJson);
}

async function check<T>(json: () => Promise<unknown>, schema: Schema<T>, precheck: typeof checkJson): Promise<T> {
  const { data, problems } = await checkBody({ json }, schema, precheck);
  if (problems) throw new Refusal('invalid_request', `Invalid request: ${problems.join('; ')}.`);
  return data;
}

/** @throws {Refusal} `invalid_request` for what a database could not keep */
export function checkJson(value: unknown): void {
  if (!isNestedWithin(value, JSON_LEVELS)) throw invalid(`is nested more than ${JSON_LEVELS} levels deep. Flatten it`);
  // escapes stay escapes in JSON text, so both are found in names and texts alike
  const text = JSON.stringify(value) ?? '';
  if (/(?<!\\)(\\\\)*\\u0000/.test(text))
    throw invalid('contains the character U+0000, which cannot be stored. Remove it');
  if (/(?<!\\)(\\\\)*\\ud[89a-f]/.test(text))
    throw invalid('contains half of a surrogate pair, which cannot be stored. Remove it, or send valid Unicode');
}

const invalid = (what: string) => new Refusal('invalid_request', `The request ${what}.`);
