// No request is refused in zod's words: every schema, every field, wrong values of every kind.
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { rawWorkflow } from '../src/definition/raw-workflow.ts';
import * as schemas from '../src/wire/schemas.ts';

const {
  parametersOf: _,
  keyListReplySchema,
  keyRotateReplySchema: _rotate,
  auditReplySchema: _audit,
  minerTaskSchema,
  heartbeatReplySchema,
  heartbeatsReplySchema: _heartbeats,
  minerSubmitReplySchema,
  ...rest
} = schemas;
const requests: Record<string, z.ZodMiniType> = { ...rest, rawWorkflow: rawWorkflow.parameters };

interface Def {
  shape?: Record<string, z.ZodMiniType>;
  innerType?: z.ZodMiniType;
  element?: z.ZodMiniType;
  valueType?: z.ZodMiniType;
}

/** Every place of a schema that takes a value: the body, its fields, their fields, and items of lists and maps. */
function places(schema: z.ZodMiniType, path: string[] = []): string[][] {
  const { shape = {}, innerType, element, valueType } = schema._zod.def as Def;
  if (innerType) return places(innerType, path);
  return [
    path,
    ...Object.entries(shape).flatMap(([name, field]) => places(field, [...path, name])),
    // items of any kind are checked alone, by another schema
    ...(element && element._zod.def.type !== 'unknown' ? places(element, [...path, '0']) : []),
    ...(valueType ? places(valueType, [...path, 'some-key']) : []),
  ];
}

/** A body that has this value at this place. */
function bodyWith(path: string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => (name === '0' ? [inner] : { [name]: inner }), value);
}

const wrong: unknown[] = [
  ...[undefined, null, true, '', 'a', ' ', '{', 'x'.repeat(2001), 'x'.repeat(500_000)],
  ...[0, -1, 1.5, 1e9, -1e9, 2 ** 60, Number.NaN, Infinity],
  ...[[], [[]], [1], [''], Array(2000).fill('a'), {}, { a: 1 }, { '': 'a' }, { ['x'.repeat(2000)]: {} }],
  Object.fromEntries(Array.from({ length: 1001 }, (_, id) => [id, { class_type: 'A', inputs: {} }])),
];

const messagesOf = (schema: z.ZodMiniType, body: unknown) =>
  schema.safeParse(body).error?.issues.map(({ message }) => message) ?? [];

describe.each(Object.entries(requests))('%s', (_, schema) => {
  test.each(places(schema).map((path) => [path.join('.') || 'the body', path] as const))(
    '%s: whatever is wrong with it, is said in our own words',
    (_, path) => {
      const messages = wrong.flatMap((value) => messagesOf(schema, bodyWith(path, value)));
      expect(messages.length).toBeGreaterThan(0);
      for (const message of messages) {
        expect(message).toMatch(/^(is required \(|must (be|have) )[a-zA-Z\d]/);
        expect(message).not.toMatch(/Invalid|expected|Unrecognized|Too (small|big)|\/\^|\[\\/);
      }
    },
  );
});

test('the proof can fail: a check without a message is found', () => {
  expect(messagesOf(z.looseObject({ a: z.number() }), { a: 'x' })).toEqual(['Invalid input']);
});

test('a key is never repeated', () => {
  for (const schema of Object.values(requests))
    expect(
      messagesOf(schema, { api_key: ['secret'], consumer_id: ['secret'], lease_id: ['secret'] }).join(),
    ).not.toMatch(/secret/);
});
