import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import * as pieces from '../parameters.ts';

const { options, whole, decimal, oneOf, text, fileUrl, steps, length } = pieces;
/** Every piece. */
const all = () =>
  options(
    ...[pieces.prompt(), pieces.negativePrompt(), pieces.image(), pieces.mask(), pieces.size(16, 128), pieces.fps()],
    ...[steps(), pieces.cfg(), pieces.guidance(), pieces.denoise(), pieces.batchSize(), pieces.seed()],
    length({ min: 1, max: 9, step: 4, offset: 1 }),
  );
const least = { prompt: 'x', image_url: 'https://x/a.png', mask_url: 'http://x/m.png' };
const issues = (schema: z.ZodMiniType, value: unknown) => schema.safeParse(value).error?.issues;
const problems = (value: object) => issues(all(), { ...least, ...value })?.map(({ message }) => message);

test.each([
  {},
  { width: 64, height: 128 },
  { length: 1 },
  { length: 9 },
  { fps: 1 },
  { fps: 120 },
  { steps: 1 },
  { steps: 150 },
  { cfg: 0, guidance: 0, denoise: 0, seed: 0 },
  { cfg: 30, guidance: 30, denoise: 1, seed: Number.MAX_SAFE_INTEGER },
  { cfg: 0.5, guidance: 0.5, denoise: 0.5 },
  { batch_size: 1 },
  { batch_size: 8 },
  { negative_prompt: '' },
  { cfg: undefined },
])('%j is accepted', (value) => {
  expect(problems(value)).toBeUndefined();
});

test.each<[object, string]>([
  [{ width: 100 }, 'must be a multiple of 16 (got 100): use 96 or 112'],
  [{ height: 127 }, 'must be a multiple of 16 (got 127): use 112 or 128'],
  [{ width: 63 }, 'must be a whole number from 64 to 128 (got 63)'],
  [{ height: 130 }, 'must be a whole number from 64 to 128 (got 130)'],
  [{ width: 12.5 }, 'must be a whole number from 64 to 128 (got 12.5)'],
  [{ length: 0 }, 'must be a whole number from 1 to 9 (got 0)'],
  [{ length: 4 }, 'must be 4n+1 (got 4): use 1 or 5'],
  [{ length: 8 }, 'must be 4n+1 (got 8): use 5 or 9'],
  [{ fps: 0 }, 'must be a whole number from 1 to 120 (got 0)'],
  [{ fps: 121 }, 'must be a whole number from 1 to 120 (got 121)'],
  [{ steps: 0 }, 'must be a whole number from 1 to 150 (got 0)'],
  [{ steps: 151 }, 'must be a whole number from 1 to 150 (got 151)'],
  [{ cfg: Number.NaN }, 'must be a number from 0 to 30 (got NaN)'],
  [{ cfg: '7' }, 'must be a number from 0 to 30 (got "7")'],
  [{ cfg: -0.1 }, 'must be a number from 0 to 30 (got -0.1)'],
  [{ guidance: 30.1 }, 'must be a number from 0 to 30 (got 30.1)'],
  [{ denoise: 1.1 }, 'must be a number from 0 to 1 (got 1.1)'],
  [{ batch_size: 0 }, 'must be a whole number from 1 to 8 (got 0)'],
  [{ batch_size: 9 }, 'must be a whole number from 1 to 8 (got 9)'],
  [{ seed: -1 }, 'must be a whole number from 0 to 9007199254740991 (got -1)'],
  [{ seed: 2 ** 53 }, 'must be a whole number from 0 to 9007199254740991 (got 9007199254740992)'],
  [{ seed: null }, 'must be a whole number from 0 to 9007199254740991 (got null)'],
  [{ prompt: '' }, 'must not be empty: describe what to make'],
  [{ prompt: undefined }, 'is required (text: what to make)'],
  [{ prompt: ['x'] }, 'must be text: what to make (got an array)'],
  [{ negative_prompt: 1 }, 'must be text: what to avoid (got 1)'],
  [{ image_url: undefined }, 'is required (an http(s) URL of an image)'],
  [{ mask_url: {} }, 'must be an http(s) URL of a mask (got an object)'],
])('%j: %s', (value, message) => {
  const [first, ...others] = problems(value) ?? [];
  expect(others).toEqual([]);
  expect(first?.replace('. Upload a local file first: heurist.workflow.uploadFile(path)', '')).toBe(message);
});

describe('the address of a file', () => {
  test.each([
    'https://example.com/a.png',
    'http://127.0.0.1:1/a',
    'HTTPS://example.com/a.png',
    ' http://example.com/a.png\n',
  ])('%j is accepted', (url) => {
    expect(issues(fileUrl('a file'), url)).toBeUndefined();
  });

  test.each(['', 'a.png', './a.png', 'file:///a.png', 'ftp://x/a', 'xhttp://x', 'https://', 'http:x'])(
    '%s is refused, with how to upload a file',
    (url) => {
      expect(issues(fileUrl('a file'), url)).toMatchObject([
        {
          message: `must be an http(s) URL of a file (got "${url}"). For a local file: file(path) of @heurist/core/node, or heurist.workflow.uploadFile(path)`,
        },
      ]);
    },
  );

  test.each([
    ['a data: URL', `data:image/png;base64,${'iVBORw0K'.repeat(50)}`],
    ['base64', 'iVBORw0K'.repeat(50)],
    ['an object URL', 'blob:https://app.test/1-2-3'],
    ['a data: URL in capitals', `DATA:image/png;base64,${'iVBORw0K'.repeat(50)}`],
    ['a drawing', `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(50)}`],
    ['lines of text', 'name: Ada, '.repeat(50)],
  ])('%s is not repeated', (_, text) => {
    const message = issues(fileUrl('a file'), text)?.[0]?.message;
    expect(message).toContain('(got "');
    expect(message).not.toContain(text.slice(5, 10));
  });
});

describe('numbers', () => {
  test('a step without an offset counts from 0, and the neighbours are within the range', () => {
    const rule = whole({ min: 10, max: 40, step: 16 });
    expect(issues(rule, 12)).toMatchObject([{ message: 'must be a multiple of 16 (got 12): use 16' }]);
    expect(issues(rule, 39)).toMatchObject([{ message: 'must be a multiple of 16 (got 39): use 32' }]);
    expect(issues(rule, 32)).toBeUndefined();
  });

  test('one problem is told, not all that follow from it', () => {
    expect(issues(whole({ min: 10, max: 40, step: 16 }), 5.5)).toHaveLength(1);
    expect(issues(whole({ min: 10, max: 40, step: 16 }), 5)).toHaveLength(1);
    expect(issues(decimal({ min: 10, max: 40, step: 16 }), 50)).toHaveLength(1);
  });

  test('a decimal has a step too', () => {
    expect(issues(decimal({ min: 0, max: 1, step: 0.25 }), 0.5)).toBeUndefined();
    expect(issues(decimal({ min: 0, max: 1, step: 0.25 }), 0.3)).toMatchObject([
      { message: 'must be a multiple of 0.25 (got 0.3): use 0.25 or 0.5' },
    ]);
  });

  test('steps of one model can follow a rule of its own', () => {
    const { steps: schema } = steps({ min: 2, step: 2 });
    expect(issues(schema, 150)).toBeUndefined();
    expect(issues(schema, 1)).toMatchObject([{ message: 'must be a whole number from 2 to 150 (got 1)' }]);
    expect(issues(schema, 7)).toMatchObject([{ message: 'must be a multiple of 2 (got 7): use 6 or 8' }]);
  });
});

test('a choice names its values', () => {
  expect(issues(oneOf(2, 4), 4)).toBeUndefined();
  expect(issues(oneOf(2, 4), 3)).toMatchObject([{ message: 'must be one of 2, 4 (got 3)' }]);
  expect(issues(oneOf(2, 4), '2')).toMatchObject([{ message: 'must be one of 2, 4 (got "2")' }]);
  expect(issues(oneOf('a'), undefined)).toMatchObject([{ message: 'is required (a)' }]);
  const { width, height } = pieces.fixedSize(128);
  expect([issues(width, 128), issues(height, undefined)]).toEqual([undefined, undefined]);
  expect(issues(width, 64)).toMatchObject([{ message: 'must be 128 (got 64)' }]);
  expect(issues(height, 64)).toMatchObject([{ message: 'must be 128 (got 64)' }]);
});

test('text says what it is about', () => {
  expect(issues(text('a name'), 'x')).toBeUndefined();
  expect(issues(text('a name'), 3)).toMatchObject([{ message: 'must be text: a name (got 3)' }]);
});

test('options are those of the pieces, and no others', () => {
  expect(Object.keys(all().shape)).toEqual([
    ...['prompt', 'negative_prompt', 'image_url', 'mask_url', 'width', 'height', 'fps'],
    ...['steps', 'cfg', 'guidance', 'denoise', 'batch_size', 'seed', 'length'],
  ]);
  expect(issues(all(), { ...least, foo: 1 })).toMatchObject([{ code: 'unrecognized_keys', keys: ['foo'] }]);
  expect(issues(all(), 'x')).toMatchObject([{ message: 'must be an object of options (got "x")' }]);
});

test('schemas of graphs are made when they are first asked for, once', () => {
  const made: string[] = [];
  const make = (id: string) => () => {
    made.push(id);
    return options(pieces.prompt());
  };
  const schemas = pieces.perGraph({ 'a-graph': make('a-graph'), 7: make('7') });
  expect([Object.keys(schemas).toSorted(), made]).toEqual([['7', 'a-graph'], []]);
  expect(schemas[7]).toBe(schemas[7]);
  expect(made).toEqual(['7']);
});

test('a rule over several options is reported for one', () => {
  const schema = options(pieces.steps(), pieces.seed(), pieces.prompt()).check(
    pieces.rule(({ steps, seed }) => !steps || !seed, 'seed', 'means nothing beside `steps`'),
  );
  expect(schema.safeParse({ prompt: 'x', steps: 2 }).success).toBe(true);
  const { error } = schema.safeParse({ prompt: 'x', steps: 2, seed: 3 });
  expect(error?.issues).toMatchObject([{ path: ['seed'], message: 'means nothing beside `steps`' }]);
});

test('what comes after the check of a piece sees good values only', () => {
  const schema = options(pieces.prompt()).check(
    pieces.rule(({ prompt }) => prompt.trim() !== '', 'prompt', 'is blank'),
  );
  expect(issues(schema, { prompt: ' ' })).toMatchObject([{ message: 'is blank' }]);
  expect(issues(schema, { prompt: 7 })).toMatchObject([{ message: 'must be text: what to make (got 7)' }]);
  const short = text('a name').check(z.maxLength(3));
  expect(issues(short, 'long')).toHaveLength(1);
  expect(issues(short, 7)).toMatchObject([{ message: 'must be text: a name (got 7)' }]);
});

test('pieces say in JSON Schema what they accept, each time anew', () => {
  const schema = options(pieces.prompt(), pieces.size(16, 128), steps(), pieces.cfg(), pieces.image(), {
    ...length({ min: 1, max: 9, step: 4, offset: 1 }),
    scale: oneOf(2, 4),
    ratio: pieces.optional(pieces.oneSpelled(['1:1', '3:4'], ['square'])),
  });
  const side = { type: 'integer', minimum: 64, maximum: 128, multipleOf: 16 };
  const expected = {
    required: ['prompt', 'image_url', 'scale'],
    additionalProperties: false,
    properties: {
      prompt: { type: 'string', minLength: 1 },
      width: side,
      height: side,
      steps: { type: 'integer', minimum: 1, maximum: 150 },
      cfg: { type: 'number', minimum: 0, maximum: 30 },
      image_url: { type: 'string' },
      length: { type: 'integer', minimum: 1, maximum: 9, 'x-step': 4 },
      scale: { type: 'number', enum: [2, 4] },
      ratio: { type: 'string', enum: ['1:1', '3:4'] },
    },
  };
  for (let time = 0; time < 2; time++) expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject(expected);
});
