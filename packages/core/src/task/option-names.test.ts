import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { defineFamily, defineWorkflow, describeParameters, wireSchema } from '../definition.ts';
import { SchemaTask, type WorkflowTaskOptions } from '../index.ts';
import { fileUrl, image, mask, options, prompt, text } from '../parameters.ts';
import { isFileSchema, optionName, parameterName } from './option-names.ts';

const url = 'https://example.com/a.png';

/** A workflow with a file, an optional file, and a text whose name ends as a file's does. */
const mixed = options(image(), {
  style_url: z.optional(fileUrl('a style')),
  base_url: text('where the model looks things up'),
});

class MixedTask extends SchemaTask {
  constructor(given: WorkflowTaskOptions & z.input<typeof mixed>) {
    super('MixedTask', mixed, given);
  }
  get task_type() {
    return 'mixed';
  }
}

const source = {
  workflow_id: 'mixed',
  task_type: 'mixed',
  title: 'Mixed',
  graph: { a: { class_type: 'A', inputs: { image: 'x', style: 'x', base: 'http://default' } } },
  bindings: { image: 'a.image', style: 'a.style', base_url: 'a.base' },
  files: { image: { kind: 'image', max_bytes: 1 }, style: { kind: 'image', max_bytes: 1 } },
  outputs: ['a'],
} as const;
const workflow = { ...source, outputs: ['a'], graph: { ...source.graph } };

test.each([
  ['image', true, 'image_url'],
  ['base_url', false, 'base_url'],
  ['base_url', true, 'base_url_url'],
  ['seed', false, 'seed'],
])('the parameter %s (file: %s) is the option %s, and back', (parameter, isFile, option) => {
  expect(optionName(parameter, isFile)).toBe(option);
  expect(parameterName(option, isFile)).toBe(parameter);
});

describe('which schemas are files', () => {
  const file = fileUrl('a file');
  test.each([
    ['fileUrl', file, true],
    ['image', image().image_url, true],
    ['mask', mask().mask_url, true],
    ['optional', z.optional(file), true],
    ['nullable in optional', z.optional(z.nullable(file)), true],
    ['with a default', z._default(file, url), true],
    ['with a further check', file.check(z.maxLength(1000)), true],
    ['text', text('an address'), false],
    ['optional text', z.optional(text('an address')), false],
    ['a schema of zod that checks addresses', z.url(), false],
    ['a check with other params', z.string().check(z.refine(() => true, { params: { step: 1 } })), false],
  ])('%s: %s', (_, schema, isFile) => {
    expect(isFileSchema(schema)).toBe(isFile);
  });
});

describe('an option that ends in _url', () => {
  test('loses the ending on the wire if it is a file, and only then', () => {
    const task = new MixedTask({ image_url: url, style_url: url, base_url: 'any text' });
    expect(task.parameters).toEqual({ image: url, style: url, base_url: 'any text' });
  });

  test('has the same name in the definition', () => {
    const definition = defineWorkflow({ ...workflow, parameters: wireSchema(mixed) });
    const { properties, required } = describeParameters(definition);
    expect(Object.keys(properties)).toEqual(['image', 'style', 'base_url']);
    expect(required).toEqual(['image', 'base_url']);
  });

  test('keeps a refusal in the names of the options', () => {
    expect(() => new MixedTask({ image_url: 'a.png', base_url: 'x' })).toThrow('`image_url` must be an http(s) URL');
  });
});

describe('names that clash are refused when the workflow is defined', () => {
  const clash = options(prompt(), image(), { image: text('a name') });
  const refusal = {
    code: 'invalid_configuration',
    message: 'The options `image_url` and `image` both set the parameter `image`: rename one of them.',
  };

  test('by wireSchema', () => {
    expect(() => wireSchema(clash)).toThrow(expect.objectContaining(refusal));
  });

  test('by defineFamily', () => {
    const member = { ...workflow, models: [] };
    expect(() => defineFamily({ mixed: clash }, workflow, [member as never])).toThrow(expect.objectContaining(refusal));
  });

  test('by a task without a definition: no address is lost in silence', () => {
    class ClashTask extends SchemaTask {
      get task_type() {
        return 'clash';
      }
    }
    const given = { prompt: 'x', image_url: url, image: 'x' };
    expect(() => new ClashTask('ClashTask', clash, given)).toThrow(expect.objectContaining(refusal));
  });

  test('by defineWorkflow, where the parameter of one would be the option of the other', () => {
    const parameters = z.strictObject({ image: z.string(), image_url: z.string() });
    const bindings = { image: 'a.image', image_url: 'a.base' };
    const files = { image: source.files.image };
    expect(() => defineWorkflow({ ...workflow, parameters, bindings, files })).toThrow(
      expect.objectContaining({
        code: 'invalid_configuration',
        message: expect.stringMatching(/`image_url` would set both the file `image` and the parameter `image_url`/),
      }),
    );
  });
});

test('a file option of another name is refused, with the name that it should have', () => {
  expect(() => wireSchema(options({ picture: fileUrl('a picture') }))).toThrow(
    expect.objectContaining({
      code: 'invalid_configuration',
      message: 'The option `picture` is a file: name it `picture_url`.',
    }),
  );
});

test('a file whose schema was made by hand is refused, with the piece that makes it one', () => {
  const parameters = wireSchema(
    z.strictObject({ image_url: z.string(), style_url: fileUrl('x'), base_url: z.string() }),
  );
  expect(() => defineWorkflow({ ...workflow, parameters })).toThrow(
    /file parameter image is not in the schema, but image_url is: make that option with fileUrl\(\)/,
  );
});
