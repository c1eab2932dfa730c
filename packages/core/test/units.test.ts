import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readEvents } from '../src/client/event-stream.ts';
import {
  bind,
  bindModels,
  defineWorkflow,
  describeParameters,
  unexplainedInputs,
  type WorkflowSource,
  wireSchema,
} from '../src/definition.ts';
import {
  Heurist,
  HeuristError,
  isTerminal,
  parseCredentials,
  sniffMediaType,
  TaskCanceledError,
} from '../src/index.ts';
import { saveOutput } from '../src/node.ts';
import { cfg, length, options, prompt, seed, size } from '../src/parameters.ts';
import { findDefinition } from '../src/protocol.ts';
import { startStub } from './stub-sequencer.ts';

describe('credentials', () => {
  test.each([
    ['acme#key', 'acme', 'key'],
    ['acme-key', 'acme', 'key'],
    ['0b6e-11#3f-a2-9c', '0b6e-11', '3f-a2-9c'],
  ])('%s', (text, consumer_id, api_key) => {
    expect(parseCredentials(text)).toEqual({ consumer_id, api_key });
  });

  test.each([undefined, '', 'key', 'a-b-c', 'a#b#c', '#key', 'acme#', '-', '#'])(
    '%s is refused with the mend',
    (text) => {
      expect(() => parseCredentials(text)).toThrow('consumerId#apiKey');
    },
  );

  test('messages never repeat the key', () => {
    expect(() => parseCredentials('my-secret-value')).toThrow(expect.not.objectContaining({ message: /secret/ }));
  });
});

describe('errors', () => {
  test('are recognised by class and by the classes above, across copies of the package', () => {
    const error = new TaskCanceledError('t');
    expect(TaskCanceledError.isInstance(error)).toBe(true);
    expect(HeuristError.isInstance(error)).toBe(true);
    expect(TaskCanceledError.isInstance(new HeuristError('x', { code: 'internal' }))).toBe(false);
    expect(HeuristError.isInstance(new Error('x'))).toBe(false);
    const foreign = Object.assign(new Error('x'), { [Symbol.for('heurist.error.brands')]: ['HeuristError'] });
    expect(HeuristError.isInstance(foreign)).toBe(true);
  });

  test('have a name and a cause', () => {
    const cause = new Error('under');
    expect(new HeuristError('x', { code: 'internal', cause })).toMatchObject({ name: 'HeuristError', cause });
    expect('cause' in new HeuristError('x', { code: 'internal' })).toBe(false);
  });
});

test('terminal statuses', () => {
  expect(['waiting', 'running', 'finished', 'failed', 'canceled'].map((status) => isTerminal(status as never))).toEqual(
    [false, false, true, true, true],
  );
});

test.each([
  ['image/png', '89504e470d0a1a0a'],
  ['image/jpeg', 'ffd8ffe0'],
  ['image/webp', '524946460000000057454250'],
  ['video/mp4', '0000001866747970'],
  [undefined, Buffer.from('just text').toString('hex')],
  [undefined, ''],
])('sniffs %s', (type, hex) => {
  expect(sniffMediaType(Buffer.from(hex, 'hex'))).toBe(type);
});

test('events survive any cut of the stream, CRLF, comments and several data lines', async () => {
  const text = ': hi\r\n\r\nid: 1\nevent: task\ndata: {"a":\ndata: 1}\n\ndata: {"b":"é"}\n\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 3, 1000]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.slice(i * size, (i + 1) * size),
    );
    const events = await Array.fromAsync(readEvents(ReadableStream.from(chunks) as ReadableStream<Uint8Array>));
    expect(events).toEqual([{ a: 1 }, { b: 'é' }]);
  }
});

describe('workflow definitions', () => {
  const source: WorkflowSource = {
    workflow_id: 'demo',
    task_type: 'demo',
    title: 'Demo',
    parameters: z.strictObject({ seed: z.optional(z.number()), text: z.optional(z.string()) }),
    graph: {
      a: { class_type: 'A', inputs: { seed: 7, text: 'x', model: 'm.pth' } },
      b: { class_type: 'B', inputs: { seed: 7 } },
    },
    bindings: { seed: ['a.seed', 'b.seed'], text: 'a.text' },
    outputs: ['b'],
  };
  const definition = defineWorkflow(source);

  test('0 and empty text are values, undefined is not', () => {
    const graph = bind(definition, { seed: 0, text: undefined });
    expect(graph.a?.inputs).toEqual({ seed: 0, text: 'x', model: 'm.pth' });
    expect(graph.b?.inputs).toEqual({ seed: 0 });
    expect(bind(definition, { text: '' }).a?.inputs.text).toBe('');
    expect(definition.graph.a?.inputs.seed).toBe(7);
  });

  test('a parameter without a binding is refused', () => {
    expect(() => bind(definition, { steps: 3 })).toThrow('steps');
  });

  test('models are replaced where they stand', () => {
    expect(bindModels(definition.graph, { 'm.pth': 'm.onnx' }).a?.inputs.model).toBe('m.onnx');
    expect(bindModels(definition.graph, { toString: 'x' }).a?.inputs).toEqual(definition.graph.a?.inputs);
  });

  test('a definition that does not hang together is refused, everything at once', () => {
    const broken = {
      ...source,
      bindings: { seed: { node: 'a', input: 'nope' } },
      constants: ['b.nope'],
      outputs: ['z'],
      files: { image: { kind: 'image' as const, max_bytes: 1 } },
      requirements: { nodes: ['A'], models: [] },
    };
    expect(() => defineWorkflow(broken)).toThrow(/a\.nope.*constant b\.nope.*output z.*image is not bound.*class B/);
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'core-'));
  const png = Buffer.from('89504e470d0a1a0a0000', 'hex');
  writeFileSync(join(folder, 'good.dat'), png);
  writeFileSync(join(folder, 'text.png'), 'this is text');
  writeFileSync(join(folder, 'empty.png'), '');

  async function upload(source: Parameters<Heurist['workflow']['uploadFile']>[0]) {
    const stub = await startStub({
      file_create: () => ({ json: { upload_url: `${stub.url}/slot?signature=s`, url: 'https://files/1' } }),
      'slot?signature=s': () => ({ json: {} }),
    });
    await using _ = stub;
    const url = await new Heurist({ apiKey: 'a#b', workflowURL: stub.url }).workflow.uploadFile(source);
    return { url, calls: stub.calls };
  }

  test.each([
    ['a path', join(folder, 'good.dat')],
    ['a Blob', new Blob([png])],
    ['bytes', new Uint8Array(png)],
  ])('%s is announced with its real type and put to its slot', async (_, source) => {
    const { url, calls } = await upload(source);
    expect(url).toBe('https://files/1');
    expect(calls[0]?.body).toEqual({ consumer_id: 'a', api_key: 'b', content_type: 'image/png', bytes: 10 });
    expect(calls[1]?.name).toBe('slot?signature=s');
  });

  test.each([
    ['a path that does not exist', join(folder, 'none.png'), /none\.png.*ENOENT/],
    ['a folder', folder, /cannot be read/],
    ['a 0-byte file', join(folder, 'empty.png'), /empty/],
    ['text renamed .png', join(folder, 'text.png'), /no picture/],
    ['empty bytes', new Uint8Array(), /empty/],
  ])('%s is refused before anything is sent', async (_, source, message) => {
    await expect(upload(source)).rejects.toThrow(message);
  });

  test('an output is saved whole, or not at all', async () => {
    await using stub = await startStub({
      'out.png': () => ({ text: 'picture' }),
      'gone.png': () => ({ status: 403, text: '' }),
    });
    const sha256 = '6f6bd4bd03e6b53b3a5d6e1c2e3b6ac1f7d7f1e7e0f7ab0a0b8f4bdb2a1b2c3d';
    const path = join(folder, 'new/folder/out.png');
    expect(await saveOutput({ url: `${stub.url}/out.png` }, path)).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe('picture');
    await expect(saveOutput({ url: `${stub.url}/out.png`, sha256 }, `${path}2`)).rejects.toThrow('damaged');
    await expect(saveOutput({ url: `${stub.url}/gone.png` }, `${path}2`)).rejects.toThrow('expired');
  });
});

describe('which graph a submit without a workflow id means', () => {
  const family = ['sdxl', 'lora'].map((workflow_id) =>
    defineWorkflow({
      workflow_id,
      task_type: 'txt2img',
      title: workflow_id,
      parameters: z.strictObject({ prompt: z.string(), ...(workflow_id === 'lora' && { lora_name: z.string() }) }),
      graph: { a: { class_type: 'A', inputs: { prompt: '', lora_name: '' } } },
      bindings: { prompt: 'a.prompt' },
      outputs: ['a'],
    }),
  );
  const find = (workflow_id: string | undefined, parameters: object) =>
    findDefinition(family, 'txt2img', workflow_id, { ...parameters })?.workflow_id;

  test('the first of the type that takes the parameters', () => {
    expect(find(undefined, { prompt: 'x' })).toBe('sdxl');
    expect(find(undefined, { prompt: 'x', lora_name: 'y' })).toBe('lora');
  });

  test('where none takes them, the first, which says what is wrong', () => {
    expect(find(undefined, { nonsense: 1 })).toBe('sdxl');
  });

  test('a workflow id decides, and none but it', () => {
    expect(find('lora', { prompt: 'x' })).toBe('lora');
    expect(find('other', { prompt: 'x' })).toBeUndefined();
    expect(findDefinition(family, 'txt2vid', undefined, {})).toBeUndefined();
  });
});

describe('options', () => {
  const schema = options(prompt(), size(16, 128), length({ min: 1, max: 9, step: 4, offset: 1 }), cfg(), seed());
  const problems = (value: object) =>
    schema.safeParse({ prompt: 'x', ...value }).error?.issues.map(({ message }) => message);

  test.each([
    [{ width: 100 }, '100 is not a multiple of 16; take 96 or 112'],
    [{ width: 130 }, 'must be a whole number from 64 to 128'],
    [{ width: 12.5 }, 'must be a whole number from 64 to 128'],
    [{ length: 4 }, '4 is not 4n+1; take 1 or 5'],
    [{ length: 8 }, '8 is not 4n+1; take 5 or 9'],
    [{ cfg: Number.NaN }, 'must be a number from 0 to 30'],
    [{ cfg: '7' }, 'must be a number from 0 to 30'],
    [{ seed: 2 ** 53 }, 'must be a whole number from 0 to 9007199254740991'],
    [{ seed: null }, 'must be a whole number from 0 to 9007199254740991'],
    [{ prompt: '' }, 'must say what to make'],
  ])('%j: %s', (value, message) => {
    expect(problems(value)).toEqual([message]);
  });

  test.each([{ width: 64, height: 128 }, { length: 1 }, { length: 9 }, { cfg: 0, seed: 0 }, { cfg: undefined }])(
    '%j is taken',
    (value) => {
      expect(problems(value)).toBeUndefined();
    },
  );

  test('are described with ranges, steps, meanings, and the defaults of the graph', () => {
    const definition = defineWorkflow({
      workflow_id: 'x',
      task_type: 'x',
      title: 'x',
      parameters: wireSchema(schema),
      graph: { a: { class_type: 'A', inputs: { p: 'fixed', w: 96, h: 0, l: 5, c: 7, s: 1 } } },
      bindings: { prompt: 'a.p', width: 'a.w', height: 'a.h', length: 'a.l', cfg: 'a.c', seed: 'a.s' },
      outputs: ['a'],
    });
    const { properties, required } = describeParameters(definition);
    expect(required).toEqual(['prompt']);
    expect(properties).toMatchObject({
      prompt: { type: 'string', description: 'what to make, in words' },
      width: { type: 'integer', minimum: 64, maximum: 128, multipleOf: 16, default: 96 },
      length: { minimum: 1, 'x-step': 4, default: 5 },
      cfg: { type: 'number', default: 7 },
    });
    expect(properties.prompt).not.toHaveProperty('default');
    expect(properties.seed).not.toHaveProperty('default');
    expect(properties.length).not.toHaveProperty('multipleOf');
  });
});

describe('bindings with a rule', () => {
  const definition = defineWorkflow({
    workflow_id: 'x',
    task_type: 'x',
    title: 'x',
    parameters: z.looseObject({}),
    graph: { a: { class_type: 'A', inputs: { model: 'four.pth', half: 10, lora: 'l' } } },
    bindings: {
      scale: { node: 'a', input: 'model', values: { 2: 'two.pth', 4: 'four.pth' } },
      steps: { node: 'a', input: 'half', factor: 0.5 },
      lora: { node: 'a', input: 'lora', suffix: '.safetensors' },
    },
    constants: ['a.model,half'],
    outputs: ['a'],
  });

  test.each([
    [{ scale: 2 }, { model: 'two.pth' }],
    [{ scale: 3 }, { model: 'four.pth' }],
    [{ scale: 'toString' }, { model: 'four.pth' }],
    [{ steps: 8 }, { half: 4 }],
    [{ lora: 'x' }, { lora: 'x.safetensors' }],
    [{ lora: 'x.safetensors' }, { lora: 'x.safetensors' }],
  ])('%j writes %j', (parameters, inputs) => {
    expect(bind(definition, parameters).a?.inputs).toMatchObject(inputs);
  });

  test('constants of one node are written together, and inputs that nothing explains are found', () => {
    expect(definition.constants).toEqual(['a.model', 'a.half']);
    expect(unexplainedInputs(definition)).toEqual([]);
    expect(unexplainedInputs({ ...definition, bindings: {}, constants: [] })).toEqual(['a.model', 'a.half', 'a.lora']);
  });
});
