// Requests made from the OpenAPI document, most of them wrong in one place or another: none may crash or
// hang the sequencer, none may be answered with 5xx, and none may show a consumer what is another's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCodes } from '@heurist/core/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import { calls } from '../../src/http/document/calls.ts';
import { createFolderStore, createSequencer, type Sequencer } from '../../src/index.ts';
import { openTestDatabase } from './database.ts';
import { echoWorkflow } from './network.ts';

const HANG_MS = 10_000;
/** How zod itself words what is wrong: every check has words of its own. */
const RAW = /Invalid (input|string|option|key|element)|Too (small|big)|expected \w+ to |must match pattern/;
/** Stands in everything that only `acme` may see. */
const MARK = 'acme-only-5f1d';

const folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
let sequencer: Sequencer;
// biome-ignore lint/suspicious/noExplicitAny: the document of any server
let document: any;
const keys: Record<string, string> = {};
/** What there is, by the field that names it: only with these does a request get past the first checks. */
const there: Record<'task_id' | 'lease_id' | 'artifact' | 'workflow_id' | 'task_type', string[]> = {
  task_id: [],
  lease_id: [],
  artifact: [],
  workflow_id: ['echo', 'other'],
  task_type: ['echo'],
};

const send = async (path: string, init: RequestInit = {}) =>
  await sequencer.app.request(`http://localhost${path}`, init);

async function call(name: string, body: object, key: string) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await send(`/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: replies of any form
  return (await response.json()) as any;
}

const pathOf = (url: string) => url.slice(new URL(url).origin.length);

/** Whatever breaks programs. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    true,
    [],
    {},
    '\0',
    '\ud800',
    { '\0': 1 },
    'a\r\nb: c',
  ),
  fc.constantFrom<unknown>(
    'x'.repeat(100_000),
    "'; DROP TABLE heurist.task; --",
    '../../../etc/passwd',
    '%00',
    '{',
    '💥',
  ),
  fc.constantFrom<unknown>(nested(60), nested(70), { toString: 1, constructor: null, length: -1 }),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { value };
  return value;
}

/** What Postgres does not take. */
const badText = fc.constantFrom('\0', 'a\0b', '\ud800', '\udc00\ud800');
const oneOf = (names: readonly string[]) => fc.nat().map((index) => names[index % names.length]!);
const named = fc.nat().chain((index) => oneOf(Object.values(there)[index % 5]!));
/** Parameters that a workflow takes, but for what is in their text. */
const details = fc.record({ parameters: fc.record({ text: fc.oneof(fc.string({ unit: 'binary' }), badText, nasty) }) });

/** A field with what is there, where its name says what that is. */
function fieldOf(name: string, schema: unknown): fc.Arbitrary<unknown> {
  const any = arbitraryOf(schema);
  if (name === 'task_details') return fc.oneof({ weight: 3, arbitrary: details }, { weight: 1, arbitrary: any });
  const names = there[name as keyof typeof there];
  return names ? fc.oneof({ weight: 6, arbitrary: oneOf(names) }, { weight: 1, arbitrary: any }) : any;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON Schema
function arbitraryOf(schema: any): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 25, arbitrary: goodOf(schema) }, { weight: 1, arbitrary: nasty });
}

/** What a schema takes, or nearly so. */
// biome-ignore lint/suspicious/noExplicitAny: JSON Schema
function goodOf(schema: any): fc.Arbitrary<unknown> {
  if (schema.$ref) return goodOf(document.components.schemas[schema.$ref.split('/').at(-1)]);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(arbitraryOf));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type: string) => goodOf({ ...schema, type })));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const { minimum, maximum = 1000, exclusiveMinimum } = schema;
  const low = minimum ?? (exclusiveMinimum === undefined ? -1000 : exclusiveMinimum + 1);
  switch (schema.type) {
    case 'string':
      return schema.pattern
        ? fc.oneof(fc.stringMatching(new RegExp(schema.pattern)), named)
        : fc.oneof({ weight: 4, arbitrary: named }, { weight: 1, arbitrary: fc.string() });
    case 'integer':
      return fc.integer({ min: Math.ceil(low), max: Math.min(maximum, 2 ** 31 - 1) });
    case 'number':
      return fc.double({ min: low, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return objectOf(schema);
    default:
      return fc.jsonValue();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON Schema
function objectOf({ properties = {}, required = [], additionalProperties }: any): fc.Arbitrary<unknown> {
  const known = Object.entries(properties).map(([name, schema]) => [name, fieldOf(name, schema)]);
  const record = fc.record(Object.fromEntries(known), { requiredKeys: required });
  const more = additionalProperties
    ? fc.dictionary(fc.string(), arbitraryOf(additionalProperties), { maxKeys: 3 })
    : fc.constant({});
  return fc.tuple(record, more).map(([first, second]) => ({ ...second, ...first }));
}

interface Made {
  path: string;
  method: string;
  owner: string | undefined;
  body: unknown;
}

const everybody = ['acme', 'stranger', 'rig', 'boss', undefined];
const anybody = fc.constantFrom(...everybody);
const callers: Record<string, string[]> = { consumer: ['acme', 'stranger'], miner: ['rig'], operator: ['boss'] };

/** A request of each call, mostly by those who may make it. */
function anyRequest(): fc.Arbitrary<Made> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    // biome-ignore lint/suspicious/noExplicitAny: operations
    Object.entries(methods as Record<string, any>)
      .filter(([method]) => method !== 'parameters')
      .map(([method, operation]) => {
        const schema = operation.requestBody?.content['application/json']?.schema;
        const body = schema ? arbitraryOf(schema) : fc.constant(undefined);
        const rightful = callers[operation.tags?.[0]] ?? everybody;
        const address = fc
          .tuple(named, named, named)
          .map(([one, two, three]) =>
            path.includes('{')
              ? `${path.replace(/\{.*\}/, encodeURIComponent(one))}?expires=${encodeURIComponent(two)}&signature=${encodeURIComponent(three)}`
              : path,
          );
        return fc.record({
          path: address,
          method: fc.constant(method.toUpperCase()),
          owner: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...rightful) }, { weight: 1, arbitrary: anybody }),
          body,
        });
      }),
  );
  return fc.oneof(...operations);
}

/** The statuses that the document has for a call. */
function described({ path, method }: Made): string[] {
  const template = path.startsWith('/artifacts/') ? '/artifacts/{id}' : path;
  return Object.keys(document.paths[template][method.toLowerCase()].responses);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function answer({ path, method, owner, body }: Made) {
  // the key of a consumer may also stand in the body: there the caller shows its own
  const { api_key: _, consumer_id: __, ...rest } = isRecord(body) ? body : {};
  const shown = isRecord(body) && !Array.isArray(body) ? rest : body;
  // nobody waits here
  if (isRecord(shown) && typeof shown.wait_seconds === 'number' && shown.wait_seconds > 0) shown.wait_seconds = 0;
  const headers = {
    'content-type': 'application/json',
    ...(owner && { authorization: `Bearer ${keys[owner]}` }),
  };
  const response = await send(path, {
    method,
    headers,
    ...(method !== 'GET' && { body: JSON.stringify(shown) ?? '' }),
  });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await readSome(response) };
}

/** A stream that goes on is read to its first piece. */
async function readSome(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return await response.text();
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

function withinTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer')), HANG_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** @param requests - how many to make */
export function testBadInput(requests: number): void {
  beforeAll(async () => {
    sequencer = await createSequencer({
      database: await openTestDatabase(),
      artifacts: createFolderStore(folder),
      workflows: [echoWorkflow('echo'), echoWorkflow('other')],
    });
    document = await (await send('/openapi.json')).json();
    for (const [role, owner] of [
      ['consumer', 'acme'],
      ['consumer', 'stranger'],
      ['miner', 'rig'],
      ['operator', 'boss'],
    ] as const)
      keys[owner] = await sequencer.createKey(role, owner);
    for (const owner of ['acme', 'stranger']) {
      const text = owner === 'acme' ? MARK : 'hello';
      const details = { task_type: 'echo', task_details: { parameters: { text } } };
      for (let count = 0; count < 5; count++)
        there.task_id.push((await call('task_create', details, keys[owner]!)).task_id);
      const slot = await call('file_create', { content_type: 'text/plain', bytes: MARK.length }, keys[owner]!);
      await send(pathOf(slot.upload_url), { method: 'PUT', body: MARK });
      there.artifact.push(new URL(slot.url).pathname.split('/').at(-1)!, slot.url, slot.upload_url);
    }
    for (let count = 0; count < 3; count++)
      there.lease_id.push((await call('miner_request', { workflow_ids: ['echo'] }, keys.rig!)).lease_id);
  });
  afterAll(async () => {
    await sequencer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the OpenAPI document is a valid 3.1, and leaves nothing out', async () => {
    const { valid: isValid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(isValid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1/);
    const routes = sequencer.app.routes.filter(({ method }) => method !== 'ALL');
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    for (const { method, path } of routes) expect(described).toContain(`${method} ${path.replace(/:(\w+)/, '{$1}')}`);
  });

  test(`${requests} requests from the document: no 5xx, no hang, nothing of another's`, async () => {
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(anyRequest(), async (made) => {
        const { status, type, text } = await withinTime(answer(made));
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        expect(status).toBeLessThan(500);
        if (made.path === '/miner_request' && status === 200) there.lease_id.push(JSON.parse(text).lease_id ?? '');
        // a signed address is a permission of its own
        const isFile = made.path.startsWith('/artifacts/');
        if (made.owner !== 'acme' && made.owner !== 'rig' && !isFile) expect(text).not.toContain(MARK);
        expect(described(made), `${status} of ${made.path}`).toContain(`${status}`);
        const reply = calls.find(({ name }) => made.path === `/${name}`)?.reply;
        if (status === 200 && reply && type.includes('json')) {
          const { issues } = await (reply as z.ZodType)['~standard'].validate(JSON.parse(text));
          expect(issues, made.path).toBeUndefined();
        }
        if (status < 400) return;
        expect(type).toContain('application/json');
        const { code, message } = JSON.parse(text);
        expect(Object.keys(errorCodes)).toContain(code);
        expect(message).not.toBe('');
        // parameters are refused in the words of their workflow
        if (code !== 'invalid_parameters') expect(message).not.toMatch(RAW);
      }),
      { numRuns: requests },
    );
    // many were good, or it would have tried nothing but the first check
    expect(statuses.get(200)).toBeGreaterThan(requests / 20);
  }, 300_000);

  test('bodies that are not JSON, to any path, by any method', async () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .constantFrom(
          '[',
          `${'['.repeat(5000)}${']'.repeat(5000)}`,
          '['.repeat(100_000),
          '{"a":'.repeat(20_000),
          '"\\ud800"',
          '{"__proto__":{"a":1}}',
          'null',
        )
        .map((text) => new TextEncoder().encode(text)),
    );
    const paths = fc.oneof(fc.constantFrom(...Object.keys(document.paths)), fc.webPath());
    await fc.assert(
      fc.asyncProperty(bodies, paths, fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'), async (body, path, method) => {
        const headers = { authorization: `Bearer ${keys.acme}` };
        const response = await withinTime(send(path.startsWith('/') ? path : `/${path}`, { method, body, headers }));
        expect(response.status).toBeLessThan(500);
        await response.body?.cancel();
      }),
      { numRuns: requests / 5 },
    );
  }, 120_000);
}
