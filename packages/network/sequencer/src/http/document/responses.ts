import type { WireErrorCode } from '@heurist/core';
import { errorCodes } from '@heurist/core/protocol';
import * as z from 'zod';

/** What any call with a key may be refused with. */
const COMMON: readonly WireErrorCode[] = [
  'invalid_request',
  'protocol_mismatch',
  'unauthorized',
  'forbidden',
  'payload_too_large',
  'rate_limited',
  'internal',
  'unavailable',
];

export const errorSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [string]),
  message: z.string(),
  task_id: z.optional(z.string()),
});

/** Refusals of a call with a key. */
export function callErrors(codes: readonly WireErrorCode[] = []) {
  return errorResponses([...COMMON, ...codes]);
}

/** Status -> its response, which names the codes that it may have. */
export function errorResponses(codes: readonly WireErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => errorCodes[code].status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, each]) => [
        status,
        {
          description: each.map((code) => `\`${code}\``).join(', '),
          ...(status === 429 && { headers: { 'Retry-After': retryAfter } }),
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      ]),
  );
}

const retryAfter = { description: 'Seconds until the next attempt makes sense', schema: { type: 'integer' } };

export function json(schema: z.core.$ZodType, example?: unknown) {
  return { 'application/json': { schema: toSchema(schema), ...(example !== undefined && { example }) } };
}

export function toSchema(schema: z.core.$ZodType) {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
