import { expect, test } from 'vitest';
import { readBody } from './read-body.ts';

const schema = {
  safeParse(value: unknown) {
    const { name } = value as { name?: unknown };
    if (typeof name === 'string') return { success: true as const, data: { name } };
    return { success: false as const, error: { issues: [{ path: ['name'], message: 'must be text' }] } };
  },
};
const request = (text: string) => new Request('http://localhost', { method: 'POST', body: text });

test('a body that fits comes back; else each field has a line', async () => {
  expect(await readBody(request('{"name":"x"}'), schema)).toEqual({ data: { name: 'x' } });
  expect(await readBody(request('{}'), schema)).toEqual({ problems: ['name: must be text'] });
  expect(await readBody(request('{'), schema)).toEqual({ problems: ['the request body is not valid JSON'] });
});

test('at most ten problems are told, and of long names the beginning', async () => {
  const issues = Array.from({ length: 5000 }, (_, index) => ({ path: ['x'.repeat(10_000), index], message: 'no' }));
  const strict = { safeParse: () => ({ success: false as const, error: { issues } }) };
  const { problems = [] } = await readBody(request('{}'), strict);
  expect([problems.length, problems.at(-1)]).toEqual([11, 'and 4990 more']);
  expect(problems.join().length).toBeLessThan(1500);
});

test('the precheck sees the body before the schema does', async () => {
  const precheck = () => {
    throw new Error('not storable');
  };
  await expect(readBody(request('{}'), schema, precheck)).rejects.toThrow('not storable');
});
