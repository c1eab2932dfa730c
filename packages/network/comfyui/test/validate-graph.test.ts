import { readEvents, readObjectInfo } from '@heurist/test-servers/recordings';
import { describe, expect, test } from 'vitest';
import { type ObjectInfo, validateGraph } from '../src/index.ts';

const info = readObjectInfo<ObjectInfo>();

interface Case {
  note: string;
  body: { prompt: never; partial_execution_targets?: string[] };
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: ComfyUI's refusal
  json: any;
}

/** Graphs that the real server was sent, with its answers. What never came as far as the validator is left out. */
const recorded: Case[] = (() => {
  const events = readEvents('03_validation_failures');
  let note = '';
  return events.flatMap((event, index) => {
    if (event.kind === 'step') note = event.note ?? '';
    const isGraph = event.kind === 'http_request' && event.json_body?.prompt && !Array.isArray(event.json_body.prompt);
    if (!isGraph) return [];
    const { status = 0, json } = events.slice(index).find(({ kind }) => kind === 'http_response')!;
    return status === 500 ? [] : [{ note, body: event.json_body, status, json }];
  });
})();

/** What newer servers say: 0.3.64 fails at cycles without a word, and does not look at newer combos. */
const newer: Record<string, string> = {
  cycle: 'dependency_cycle',
  'node without class_type': 'missing_node_type',
  'unknown class_type': 'missing_node_type',
  'V3-schema COMBO not in list (SaveWEBM codec)': 'value_not_in_list',
};

/** Python's sets have no order, its tracebacks are its own, and 1.0 is 1 here. */
const masked = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (key, inner) => {
    if (key === 'traceback') return [];
    if (key === 'errors')
      return inner.toSorted((a: { details: string }, b: { details: string }) => (a.details < b.details ? -1 : 1));
    return key === 'dependent_outputs' ? inner.toSorted() : inner;
  });

const validate = ({ body }: Case) =>
  validateGraph(body.prompt, info, { targets: body.partial_execution_targets, hasInputFile: () => false });

describe('agrees with a real ComfyUI 0.3.64', () => {
  test.each(recorded.filter(({ note }) => !newer[note]))('$note', (one) => {
    const { error, nodeErrors, outputs } = validate(one);
    if (one.status === 400) expect(masked({ error, node_errors: nodeErrors })).toEqual(masked(one.json));
    else expect(masked([error ?? null, nodeErrors])).toEqual(masked([null, one.json.node_errors]));
    expect(outputs.length > 0).toBe(one.status === 200);
  });

  test('there are enough of them to mean something', () => {
    expect(recorded.length).toBeGreaterThan(30);
  });
});

test.each(recorded.filter(({ note }) => newer[note]))('newer: $note', (one) => {
  expect(JSON.stringify(validate(one))).toContain(`"type":"${newer[one.note]}"`);
});

test('the graph that was given is left as it was; the answer has the coerced values', () => {
  const graph = {
    a: { class_type: 'EmptyImage', inputs: { width: '64', height: 48.9, batch_size: 1, color: 0 } },
    b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: 5 } },
  };
  const { graph: checked, outputs } = validateGraph(graph, info);
  expect(graph.a.inputs.width).toBe('64');
  expect([checked.a?.inputs.width, checked.a?.inputs.height, checked.b?.inputs.filename_prefix]).toEqual([64, 48, '5']);
  expect(outputs).toEqual(['b']);
});

test('a custom node that describes itself in its own way does no harm', () => {
  const odd = { Odd: { input: { required: { a: 'STRING', b: ['*', 'x'] } }, output: ['IMAGE'], output_node: false } };
  const graph = {
    odd: { class_type: 'Odd', inputs: { a: 1, b: 'x' } },
    save: { class_type: 'SaveImage', inputs: { images: ['odd', 0], filename_prefix: 'x' } },
  };
  expect(validateGraph(graph, { ...info, ...(odd as unknown as ObjectInfo) }).nodeErrors).toEqual({});
});

test('optional inputs may be missing, but are checked when they are there', () => {
  const graph = (audio: unknown) => ({
    image: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 0 } },
    video: {
      class_type: 'CreateVideo',
      inputs: { images: ['image', 0], fps: 8, ...(audio !== undefined && { audio }) },
    },
    save: {
      class_type: 'SaveVideo',
      inputs: { video: ['video', 0], filename_prefix: 'x', format: 'auto', codec: 'auto' },
    },
  });
  expect(validateGraph(graph(undefined), info).nodeErrors).toEqual({});
  expect(validateGraph(graph(['image', 0]), info).nodeErrors.video?.errors[0]?.type).toBe('return_type_mismatch');
});
