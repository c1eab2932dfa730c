import { describe, expect, test } from 'vitest';
import type { InputSpec, ObjectInfo } from './object-info.ts';
import { choicesOf } from './object-info.ts';
import { validateGraph } from './validate-graph.ts';

const source = (...output: unknown[]) => ({ input: {}, output, output_node: false });
const saver = (spec: InputSpec, where: 'required' | 'optional' = 'required') => ({
  input: { [where]: { x: spec } },
  output: [],
  output_node: true,
});
const infoOf = (spec: InputSpec) =>
  ({ Save: saver(spec), Image: source('IMAGE'), Two: source('A', 'B') }) as ObjectInfo;

/** Checks one input of one node. */
function checkInput(spec: InputSpec, value: unknown, hasInputFile?: (name: string) => boolean) {
  const graph = { s: { class_type: 'Save', inputs: { x: value } }, i: { class_type: 'Image', inputs: {} } };
  const result = validateGraph(graph as never, infoOf(spec), hasInputFile ? { hasInputFile } : {});
  const [problem] = result.nodeErrors.s?.errors ?? [];
  return { ...result, problem, value: result.graph.s?.inputs.x };
}

test('a limit that is infinite, or no number, is none', () => {
  for (const limits of [
    { min: -Infinity, max: Infinity },
    { min: Number.NaN, max: Number.NaN },
  ])
    for (const value of [2.5, -2.5]) expect(checkInput(['FLOAT', limits], value).problem).toBeUndefined();
});

test('a limit of None, or a value that cannot be compared, makes the server stumble', () => {
  const stumble = { type: 'exception_during_validation', extra_info: { exception_type: 'TypeError' } };
  expect(checkInput(['FLOAT', { min: null }], 2.5).problem).toMatchObject({
    ...stumble,
    details: "'<' not supported between instances of 'float' and 'NoneType'",
  });
  expect(checkInput(['FLOAT,INT', { max: 3 }], 'x').problem).toMatchObject({
    ...stumble,
    details: "'>' not supported between instances of 'str' and 'int'",
  });
});

test('a whole number beyond the precision of JSON is sent rounded: as large as the limit is too large', () => {
  const seed: InputSpec = ['INT', { max: 2 ** 64 }];
  expect(checkInput(seed, 2 ** 64).problem?.type).toBe('value_bigger_than_max');
  expect(checkInput(['INT', { min: -(2 ** 63) }], -(2 ** 63)).problem?.type).toBe('value_smaller_than_min');
  expect(checkInput(seed, Number.MAX_SAFE_INTEGER).problem).toBeUndefined();
  expect(checkInput(['FLOAT', { max: 1e300 }], 1e300).problem).toBeUndefined();
});

describe('literals become what Python makes of them', () => {
  test.each<[type: string, given: unknown, expected: unknown]>([
    ['INT', '64', 64],
    ['INT', ' -7 ', -7],
    ['INT', '+3', 3],
    ['INT', '1_000', 1000],
    ['FLOAT', '1_0.5e1', 105],
    ['FLOAT', '.5', 0.5],
    ['BOOLEAN', {}, false],
    ['INT', 48.9, 48],
    ['INT', -48.9, -48],
    ['INT', true, 1],
    ['FLOAT', '1.5', 1.5],
    ['FLOAT', ' 2 ', 2],
    ['FLOAT', false, 0],
    ['BOOLEAN', 0, false],
    ['BOOLEAN', 'no', true],
    ['BOOLEAN', { __value__: [] }, false],
    ['BOOLEAN', { __value__: [0] }, true],
    ['STRING', 5, '5'],
    ['STRING', null, 'None'],
    ['STRING', true, 'True'],
    ['STRING', false, 'False'],
    ['STRING', { a: 'b', c: [1, null] }, "{'a': 'b', 'c': [1, None]}"],
    ['STRING', { __value__: ['x', 2] }, "['x', 2]"],
    ['IMAGE', 'as it is', 'as it is'],
  ])('%s %j: %j', (type, given, expected) => {
    const { value, problem } = checkInput([type], given);
    expect([value, problem]).toEqual([expected, undefined]);
  });

  test.each<[type: string, given: unknown, details: string]>([
    ['INT', 'x', "x, x, invalid literal for int() with base 10: 'x'"],
    ['INT', '1.5', "x, 1.5, invalid literal for int() with base 10: '1.5'"],
    ['INT', '', "x, , invalid literal for int() with base 10: ''"],
    ['INT', null, "x, None, int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"],
    ['INT', { a: 1 }, "x, {'a': 1}, int() argument must be a string, a bytes-like object or a real number, not 'dict'"],
    ['FLOAT', { __value__: [1] }, "x, [1], float() argument must be a string or a real number, not 'list'"],
    ['INT', '1e3', "x, 1e3, invalid literal for int() with base 10: '1e3'"],
    ['INT', Infinity, 'x, Infinity, Infinity is too large'],
    ['FLOAT', '0x10', "x, 0x10, could not convert string to float: '0x10'"],
    ['FLOAT', 'x', "x, x, could not convert string to float: 'x'"],
    ['FLOAT', '  ', "x,   , could not convert string to float: '  '"],
  ])('%s %j cannot', (type, given, details) => {
    expect(checkInput([type], given).problem).toMatchObject({
      type: 'invalid_input_type',
      message: `Failed to convert an input value to a ${type} value`,
      details,
      extra_info: { input_name: 'x', input_config: [type, {}] },
    });
  });
});

describe('ranges include their ends', () => {
  test.each([
    [3, undefined],
    [8, undefined],
    [2, { type: 'value_smaller_than_min', message: 'Value 2 smaller than min of 3', details: 'x' }],
    [9, { type: 'value_bigger_than_max', message: 'Value 9 bigger than max of 8', details: 'x' }],
  ])('%i of 3 to 8', (value, expected) => {
    const { problem } = checkInput(['INT', { min: 3, max: 8 }], value);
    if (!expected) expect(problem).toBeUndefined();
    else expect(problem).toMatchObject(expected);
  });
});

describe('choices', () => {
  const letters = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

  test('are listed if there are up to twenty, else only counted', () => {
    expect(checkInput([letters(20)], 'no').problem).toMatchObject({
      type: 'value_not_in_list',
      details: `x: 'no' not in [${letters(20)
        .map((choice) => `'${choice}'`)
        .join(', ')}]`,
      extra_info: { input_config: [letters(20), {}], received_value: 'no' },
    });
    expect(checkInput([letters(21)], 'no').problem).toMatchObject({
      details: "x: 'no' not in (list of length 21)",
      extra_info: { input_config: null },
    });
  });

  test('of the older and of the newer form', () => {
    expect(checkInput([['a', 'b']], 'b').problem).toBeUndefined();
    expect(checkInput(['COMBO', { options: ['a', 'b'] }], 'b').problem).toBeUndefined();
    expect(checkInput(['COMBO', { options: ['a', 'b'] }], 'c').problem?.type).toBe('value_not_in_list');
    expect([
      choicesOf([['a']]),
      choicesOf(['COMBO', { options: ['b'] }]),
      choicesOf(['COMBO']),
      choicesOf(['INT']),
    ]).toEqual([['a'], ['b'], [], undefined]);
    // the editor fetches them, and the server knows none
    expect(checkInput(['COMBO', { remote: { route: '/x' } }], 'c').problem?.type).toBe('value_not_in_list');
  });

  test('are compared as Python does', () => {
    expect(checkInput(['COMBO', { options: [1, 2] }], true).problem).toBeUndefined();
    expect(checkInput(['COMBO', { options: ['1'] }], 1).problem?.type).toBe('value_not_in_list');
  });

  test('of which several may be taken, wrapped', () => {
    const spec: InputSpec = ['COMBO', { options: ['a', 'b'], multiselect: true }];
    expect(checkInput(spec, { __value__: ['a', 'b'] }).problem).toBeUndefined();
    expect(checkInput(spec, { __value__: ['a', 'c'] }).problem?.details).toBe("x: 'c' not in ['a', 'b']");
    expect(checkInput(['COMBO', { options: ['a'] }], { __value__: ['a'] }).problem?.type).toBe('value_not_in_list');
  });
});

describe('files that are uploaded', () => {
  const spec: InputSpec = [['old.png'], { image_upload: true }];

  test('are looked for on the disk, not in the list', () => {
    expect(checkInput(spec, 'new.png', () => true).problem).toBeUndefined();
    expect(checkInput(spec, 'new.png').problem).toBeUndefined();
    expect(checkInput(spec, 'new.png', (name) => name !== 'new.png').problem).toEqual({
      type: 'custom_validation_failed',
      message: 'Custom validation failed for node',
      details: 'x - Invalid image file: new.png',
      extra_info: { input_name: 'x' },
    });
  });

  test('must be text, or the real server stumbles', () => {
    for (const [value, type] of [
      [5, 'int'],
      [1.5, 'float'],
      [true, 'bool'],
      [null, 'NoneType'],
      [{ a: 1 }, 'dict'],
    ] as const)
      expect(checkInput(spec, value).problem).toMatchObject({
        type: 'exception_during_validation',
        details: `'${type}' object has no attribute 'endswith'`,
        extra_info: { exception_type: 'AttributeError', traceback: [] },
      });
  });

  test('an option that is switched off does not count', () => {
    expect(checkInput([['a'], { image_upload: false }], 'b').problem?.type).toBe('value_not_in_list');
  });
});

describe('links', () => {
  test.each<[string, InputSpec, unknown, string | undefined]>([
    ['the same type', ['IMAGE'], ['i', 0], undefined],
    ['one of a union', ['MASK,IMAGE'], ['i', 0], undefined],
    ['any type', ['*'], ['i', 0], undefined],
    ['one of a union with blanks', ['MASK, IMAGE'], ['i', 0], undefined],
    ['a union with any type', ['MASK,*'], ['i', 0], undefined],
    ['a type that the editor matches', ['COMFY_MATCHTYPE_V3', {}], ['i', 0], undefined],
    ['true, which is 1', ['IMAGE'], ['i', true], 'exception_during_validation'],
    ['false, which is 0', ['IMAGE'], ['i', false], undefined],
    ['no number', ['IMAGE'], ['i', '0'], 'exception_during_validation'],
    ['another type', ['MASK'], ['i', 0], 'return_type_mismatch'],
    ['a list of choices', [['a']], ['i', 0], 'return_type_mismatch'],
    ['counted from the end', ['IMAGE'], ['i', -1], undefined],
    ['an output that is not there', ['IMAGE'], ['i', 1], 'exception_during_validation'],
    ['a node that is not there', ['IMAGE'], ['none', 0], 'exception_during_validation'],
    ['an id that is not text', ['IMAGE'], [7, 0], 'exception_during_validation'],
    ['too long', ['IMAGE'], ['i', 0, 1], 'bad_linked_input'],
    ['too short', ['IMAGE'], ['i'], 'bad_linked_input'],
  ])('%s', (_, spec, link, expected) => {
    expect(checkInput(spec, link).problem?.type).toBe(expected);
  });

  test('what stumbles is said in the words of Python', () => {
    expect(checkInput(['IMAGE'], ['none', 0]).problem).toMatchObject({
      details: "'none'",
      extra_info: { exception_type: 'KeyError' },
    });
    expect(checkInput(['IMAGE'], [7, 0]).problem?.details).toBe('7');
    expect(checkInput(['IMAGE'], ['i', 3]).problem).toMatchObject({
      details: 'tuple index out of range',
      extra_info: { exception_type: 'IndexError' },
    });
  });

  test('a mismatch names both types', () => {
    expect(checkInput(['MASK'], ['i', 0]).problem).toMatchObject({
      details: 'x, received_type(IMAGE) mismatch input_type(MASK)',
      extra_info: { received_type: 'IMAGE', linked_node: ['i', 0], input_config: ['MASK', {}] },
    });
    expect(checkInput([['a']], ['i', 0]).problem?.details).toContain('input_type(COMBO)');
  });

  test('equal lists of choices fit', () => {
    const info = { Save: saver([['a', 'b']]), Pick: source(['a', 'b']) } as ObjectInfo;
    const graph = {
      s: { class_type: 'Save', inputs: { x: ['p', 0] } },
      p: { class_type: 'Pick', inputs: {} },
    };
    expect(validateGraph(graph, info)).toMatchObject({ outputs: ['s'], nodeErrors: {} });
    info.Pick = source(['a']) as ObjectInfo[string];
    expect(validateGraph(graph, info).nodeErrors.s?.errors[0]?.type).toBe('return_type_mismatch');
    info.Save = saver(['COMBO', { options: [] }]) as ObjectInfo[string];
    expect(validateGraph(graph, info)).toMatchObject({ outputs: ['s'], nodeErrors: {} });
  });
});

describe('a whole graph', () => {
  const info = infoOf(['IMAGE']);
  const image = { class_type: 'Image', inputs: {} };
  const save = (from: string) => ({ class_type: 'Save', inputs: { x: [from, 0] } });

  test('runs the outputs that are good, and says what is wrong with the others', () => {
    const graph = { i: image, good: save('i'), bad: { class_type: 'Save', inputs: {} } };
    const { outputs, nodeErrors, error } = validateGraph(graph as never, info);
    expect([outputs, error]).toEqual([['good'], undefined]);
    expect(nodeErrors).toEqual({
      bad: {
        class_type: 'Save',
        dependent_outputs: ['bad'],
        errors: [
          {
            type: 'required_input_missing',
            message: 'Required input is missing',
            details: 'x',
            extra_info: { input_name: 'x' },
          },
        ],
      },
    });
  });

  test('without a good output is refused, with all details', () => {
    const { outputs, error } = validateGraph({ bad: { class_type: 'Save', inputs: {} } }, info);
    expect([outputs, error]).toEqual([
      [],
      {
        type: 'prompt_outputs_failed_validation',
        message: 'Prompt outputs failed validation',
        details: 'Required input is missing: x',
        extra_info: {},
      },
    ]);
  });

  test('only its targets count', () => {
    const graph = { i: image, a: save('i'), b: save('i') };
    expect(validateGraph(graph, info, { targets: ['b', 'i'] }).outputs).toEqual(['b']);
    expect(validateGraph(graph, info, { targets: ['i'] }).error?.type).toBe('prompt_no_outputs');
  });

  test.each<[string, object, string]>([
    [
      'no class',
      { 7: { inputs: {} } },
      "Node 'ID #7' has no class_type. The workflow may be corrupted or a custom node is missing.",
    ],
    [
      'an unknown class',
      { 7: { class_type: 'toString', inputs: {} } },
      "Node 'toString' not found. The custom node may not be installed.",
    ],
    [
      'an unknown class with a title',
      { 7: { class_type: 'X', inputs: {}, _meta: { title: 'Mine' } } },
      "Node 'Mine' not found. The custom node may not be installed.",
    ],
    [
      'no node',
      { 7: null },
      "Node 'ID #7' has no class_type. The workflow may be corrupted or a custom node is missing.",
    ],
  ])('%s', (_, graph, message) => {
    expect(validateGraph(graph as never, info).error).toMatchObject({
      type: 'missing_node_type',
      message,
      details: "Node ID '#7'",
      extra_info: { node_id: '7' },
    });
  });

  test.each<[string, unknown]>([
    ['a list of inputs', []],
    ['inputs of null', null],
    ['inputs of text', 'x'],
  ])('%s', (_, inputs) => {
    expect(validateGraph({ 7: { class_type: 'Image', inputs } } as never, info).error).toEqual({
      type: 'invalid_prompt',
      message: 'Cannot execute because a node is missing the inputs property.',
      details: "Node ID '#7'",
      extra_info: {},
    });
  });

  test('a node without inputs: what needs it stumbles; apart from the others it would end the worker', () => {
    const needed = { i: { class_type: 'Image' }, s: save('i') };
    expect(validateGraph(needed as never, info).nodeErrors.i?.errors[0]).toMatchObject({
      type: 'exception_during_inner_validation',
      details: "'inputs'",
    });
    const apart = { i: image, s: save('i'), j: { class_type: 'Image' } };
    expect(validateGraph(apart as never, info)).toMatchObject({
      outputs: [],
      error: { type: 'invalid_prompt', details: "Node ID '#j'" },
    });
  });

  test('a cycle is named from its first node', () => {
    const both = { Both: { input: { required: { x: ['*'] } }, output: ['*'], output_node: false } };
    const graph = {
      s: save('a'),
      a: { class_type: 'Both', inputs: { x: ['b', 0] } },
      b: { class_type: 'Both', inputs: { x: ['a', 0] } },
    };
    const { nodeErrors } = validateGraph(graph as never, { ...info, ...both } as never);
    for (const node_id of ['a', 'b'])
      expect(nodeErrors[node_id]?.errors).toEqual([
        {
          type: 'dependency_cycle',
          message: 'Dependency cycle detected',
          details: 'a (Both) -> b (Both) -> a (Both)',
          extra_info: { node_id, cycle_nodes: ['a', 'b'] },
        },
      ]);
    expect(nodeErrors.s).toBeUndefined();
  });

  test('of a long cycle the first and the last nodes are named', () => {
    const both = { Both: { input: { required: { x: ['*'] } }, output: ['*'], output_node: false } };
    const next = (index: number) => ({ class_type: 'Both', inputs: { x: [`n${(index + 1) % 100}`, 0] } });
    const nodes = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n${index}`, next(index)]));
    const { nodeErrors } = validateGraph({ ...nodes, s: save('n0') } as never, { ...info, ...both } as never);
    expect(Object.keys(nodeErrors)).toHaveLength(100);
    expect(nodeErrors.n5?.errors[0]?.details).toMatch(
      /^n0 \(Both\) -> .*n9 \(Both\) -> \.\.\. -> n91 .* -> n0 \(Both\)$/,
    );
  });

  test('a node that feeds several outputs is checked once, and names each of them', () => {
    const needy = { Needy: { input: { required: { y: ['INT'] } }, output: ['IMAGE'], output_node: false } };
    const graph = { n: { class_type: 'Needy', inputs: {} }, a: save('n'), b: save('n') };
    const { nodeErrors } = validateGraph(graph as never, { ...info, ...needy } as never);
    expect(nodeErrors).toEqual({
      n: { class_type: 'Needy', dependent_outputs: ['a', 'b'], errors: [expect.objectContaining({ details: 'y' })] },
    });
  });

  test('thousands of outputs that cannot run are not named at each other', () => {
    const graph = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, save('none')]));
    const { nodeErrors, outputs } = validateGraph(graph as never, info as never);
    expect(outputs).toEqual([]);
    expect(Object.keys(nodeErrors)).toHaveLength(20_000);
    expect(nodeErrors.n0?.dependent_outputs).toHaveLength(20);
    expect(nodeErrors.n19999?.dependent_outputs).toEqual(['n19999']);
  });

  test('what stumbles inside is said of the inner node', () => {
    const through = { Through: { input: { required: { x: ['IMAGE'] } }, output: ['IMAGE'], output_node: false } };
    const graph = { t: { class_type: 'Through', inputs: { x: ['none', 0] } }, s: save('t') };
    const { nodeErrors } = validateGraph(graph as never, { ...info, ...through } as never);
    expect(nodeErrors.t?.errors).toEqual([
      {
        type: 'exception_during_inner_validation',
        message: 'Exception when validating inner node',
        details: "'none'",
        extra_info: {
          input_name: 'x',
          input_config: ['IMAGE', {}],
          exception_message: "'none'",
          exception_type: 'KeyError',
          traceback: [],
          linked_node: ['t', 0],
        },
      },
    ]);
  });

  test('inputs that a node pack describes in its own way: what the server makes of them', () => {
    for (const spec of ['STRING', ['A', 'text'], [['x'], 5]])
      expect(checkInput(spec as never, 'x').problem).toBeUndefined();
    for (const [spec, exception_type] of [
      [[], 'IndexError'],
      [null, 'AssertionError'],
      [['STRING', null], 'AssertionError'],
      [{}, 'KeyError'],
      [5, 'TypeError'],
    ] as const)
      expect(checkInput(spec as never, 'x').problem?.extra_info).toMatchObject({ exception_type });
  });

  test('a section of inputs that is None makes the server stumble', () => {
    const odd = { ...info, Save: { ...info.Save, input: { required: {}, optional: null } } };
    expect(
      validateGraph({ s: { class_type: 'Save', inputs: {} } }, odd as never).nodeErrors.s?.errors[0],
    ).toMatchObject({
      type: 'exception_during_validation',
      details: "'NoneType' object is not iterable",
    });
  });
});

test('names that every object has are names like others', () => {
  const info = {
    Odd: { input: { required: { toString: ['INT', {}], constructor: ['INT', {}] } }, output: [], output_node: true },
  } as unknown as ObjectInfo;
  const graph = JSON.parse(
    '{"constructor":{"class_type":"Odd","inputs":{"constructor":"x"}},"__proto__":{"class_type":"Odd","inputs":{"toString":1,"constructor":2}}}',
  );
  const { outputs, nodeErrors } = validateGraph(graph, info);
  expect(outputs).toEqual(['__proto__']);
  expect(nodeErrors.constructor).toMatchObject({
    errors: [{ type: 'required_input_missing', details: 'toString' }, { type: 'invalid_input_type' }],
  });
  expect(validateGraph({ a: { class_type: 'toString', inputs: {} } }, info).error?.message).toMatch('not found');
});
