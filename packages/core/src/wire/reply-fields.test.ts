import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { number, oneOf, string } from './reply-fields.ts';

test.each<[string, z.ZodMiniType, { good: unknown[]; bad: unknown[]; json: object }]>([
  ['text', string(), { good: ['', 'a'], bad: [1, null, undefined, {}, ['a']], json: { type: 'string' } }],
  [
    'a number',
    number(),
    { good: [0, -1.5], bad: ['1', null, undefined, Number.NaN, Number.POSITIVE_INFINITY], json: { type: 'number' } },
  ],
  [
    'one of a, b',
    oneOf(['a', 'b']),
    { good: ['a', 'b'], bad: ['c', '', 1, undefined], json: { type: 'string', enum: ['a', 'b'] } },
  ],
])('%s', (what, schema, { good, bad, json }) => {
  for (const value of good) expect(schema.safeParse(value)).toEqual({ success: true, data: value });
  for (const value of bad) expect(schema.safeParse(value).error?.issues[0]?.message).toContain(what);
  expect(z.toJSONSchema(schema)).toMatchObject(json);
});
