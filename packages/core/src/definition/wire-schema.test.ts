import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { image, mask, options, prompt, steps } from '../parameters.ts';
import { defineFamily } from './family.ts';
import { wireSchema } from './wire-schema.ts';

const limited = options(prompt(), steps()).check(
  z.refine(({ prompt, steps }) => prompt !== 'x' || steps !== 1, { error: 'is too few', path: ['steps'] }),
);

test('checks over several options are kept', () => {
  expect(wireSchema(limited).safeParse({ prompt: 'x', steps: 1 }).error?.issues).toMatchObject([
    { path: ['steps'], message: 'is too few' },
  ]);
  expect(wireSchema(limited).safeParse({ prompt: 'x', steps: 2 }).success).toBe(true);
});

describe('a check over files', () => {
  const differ = { error: 'must not be the image', path: ['mask_url'] };
  const isOther = ({ image_url, mask_url }: { image_url: string; mask_url: string }) => image_url !== mask_url;
  const [a, b] = ['https://x/a.png', 'https://x/b.png'];

  test('reads them by the names of the options, and reports them by those on the wire', () => {
    const schema = wireSchema(options(image(), mask()).check(z.refine(isOther, differ)));
    expect(schema.safeParse({ image: a, mask: b }).success).toBe(true);
    expect(schema.safeParse({ image: a, mask: a }).error?.issues).toMatchObject([
      { path: ['mask'], message: 'must not be the image' },
    ]);
  });

  test('sees only what is there', () => {
    const hasNoSteps = z.refine((value) => !('steps' in (value as object)), { error: 'must not have steps' });
    const schema = wireSchema(options(prompt(), steps()).check(hasNoSteps));
    expect(schema.safeParse({ prompt: 'x' }).success).toBe(true);
    expect(schema.safeParse({ prompt: 'x', steps: 1 }).error?.issues).toMatchObject([{ path: [] }]);
  });

  test('may take its time', async () => {
    const schema = wireSchema(options(image(), mask()).check(z.refine(async (value) => isOther(value), differ)));
    expect((await schema.safeParseAsync({ image: a, mask: b })).success).toBe(true);
    expect((await schema.safeParseAsync({ image: a, mask: a })).error?.issues).toMatchObject([{ path: ['mask'] }]);
  });
});

test('other parameters are refused, and so is what is not an object', () => {
  const schema = wireSchema(limited);
  expect(schema.safeParse({ prompt: 'x', cfg: 1 }).error?.issues).toMatchObject([{ keys: ['cfg'] }]);
  expect(schema.safeParse('x').error?.issues).toMatchObject([{ message: 'must be a JSON object (got "x")' }]);
});

test('a family has the definitions of its members, in order, with what they have in common', () => {
  const graph = { a: { class_type: 'A', inputs: { prompt: '', steps: 1 } } };
  const member = { title: 'x', graph, bindings: { prompt: 'a.prompt', steps: 'a.steps' } };
  const files = { prompt: { kind: 'image' as const, max_bytes: 1 } };
  const models = [{ folder: 'vae', filename: 'm' }];
  const [two, one] = defineFamily(
    { one: options(prompt()), two: options(prompt(), steps()) },
    { task_type: 'mine', outputs: ['a'], files },
    [
      { ...member, workflow_id: 'two', models, constants: ['a.prompt'] },
      { ...member, workflow_id: 'one', models: [] },
    ],
  );
  expect(two).toMatchObject({ workflow_id: 'two', task_type: 'mine', outputs: ['a'], files, constants: ['a.prompt'] });
  expect(two?.requirements).toEqual({ nodes: ['A'], models });
  expect(two).not.toHaveProperty('models');
  expect([one?.workflow_id, one?.requirements.models]).toEqual(['one', []]);
  expect(one?.parameters.safeParse({ prompt: 'x', steps: 1 }).success).toBe(false);
  expect(two?.parameters.safeParse({ prompt: 'x', steps: 1 }).success).toBe(true);
});
