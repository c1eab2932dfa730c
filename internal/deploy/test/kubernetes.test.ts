import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');
const files = globSync('deploy/kubernetes/*.yaml', { cwd: root });

/** What is looked at here; each kind is checked by its schema. */
interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: of any kind
  spec: any;
}

const read = (file: string): Resource[] =>
  parseAllDocuments(readFileSync(join(root, file), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
const all = files.flatMap(read);
const podsOf = ({ spec }: Resource) => spec?.template?.spec;

/** @throws if a field is unknown or not valid */
async function validate({ apiVersion, kind, ...rest }: Resource): Promise<void> {
  const home = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  const module = await import(`${home}/${apiVersion}/${kind}`);
  new module[kind]({ apiVersion, kind, ...rest }).validate();
}

test.each(all.map((resource) => [`${resource.kind} ${resource.metadata.name}`, resource] as const))(
  '%s is what the API takes',
  async (_, resource) => {
    await validate(resource);
  },
);

test('the schemas find what is wrong', async () => {
  const [deployment] = all.filter(({ kind }) => kind === 'Deployment');
  for (const change of [
    { replicas: 'two' },
    { template: undefined },
    { strategy: { rollingUpdate: { maxSurge: true } } },
  ])
    await expect(validate({ ...deployment!, spec: { ...deployment!.spec, ...change } })).rejects.toThrow();
});

test('containers mount volumes that there are, and probes name ports that there are', () => {
  for (const resource of all) {
    const pods = podsOf(resource);
    if (!pods) continue;
    const claims = (resource.spec.volumeClaimTemplates ?? []).map((claim: Resource) => claim.metadata.name);
    const volumes = [...pods.volumes.map(({ name }: { name: string }) => name), ...claims];
    for (const container of pods.containers) {
      for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
      const ports = (container.ports ?? []).map(({ name }: { name: string }) => name);
      for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
        if (container[probe]) expect(ports).toContain(container[probe].httpGet.port);
    }
  }
});

test('services, budgets and monitors select pods that there are', () => {
  const pods = all.filter(podsOf).map(({ spec }) => spec.template.metadata.labels['app.kubernetes.io/name']);
  for (const { kind, spec } of all) {
    const selector = kind === 'Service' ? spec.selector : spec?.selector?.matchLabels;
    if (selector) expect(pods).toContain(selector['app.kubernetes.io/name']);
  }
});

test('the ingress leads to a service that there is', () => {
  const services = all.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
  const [ingress] = all.filter(({ kind }) => kind === 'Ingress');
  for (const { http } of ingress!.spec.rules)
    for (const { backend } of http.paths) expect(services).toContain(backend.service.name);
});

test('a pod has as long to end as its program takes', () => {
  const graceOf = (name: string) =>
    podsOf(all.find(({ metadata }) => metadata.name === name)!).terminationGracePeriodSeconds;
  const unitOf = (name: string) => readFileSync(join(root, `deploy/systemd/${name}.service`), 'utf8');
  expect(unitOf('heurist-miner')).toContain(`TimeoutStopSec=${graceOf('heurist-miner') / 60}min`);
  expect(unitOf('heurist-sequencer')).toContain('TimeoutStopSec=10');
  expect(graceOf('heurist-sequencer')).toBeGreaterThanOrEqual(5 + 10);
});
