// A sequencer whose certificate is of an authority of one's own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificate, type TestCertificate } from '@heurist/test-servers/certificate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../src/doctor/finding.ts';
import { runCli, startCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'authority-'));
let certificate: TestCertificate;
let server: Server;
let env: Record<string, string>;
beforeAll(async () => {
  certificate = createCertificate(cwd);
  const [key, cert] = [readFileSync(certificate.key), readFileSync(certificate.certificate)];
  server = createServer({ key, cert }, (_, response) => response.writeHead(418).end('{"message":"was reached"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  env = { HEURIST_WORKFLOW_URL: `https://localhost:${port}`, HEURIST_API_KEY: 'a#b' };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(cwd, { recursive: true, force: true });
});

test('it is unknown at first, and the message says what to do', async () => {
  const { stderr } = await startCli(['run', 'upscaler', '--image', certificate.key, '--timeout', '1'], { cwd, env })
    .ended;
  expect(stderr).toMatch(
    /cannot be reached \(\w*(SELF_SIGNED|UNABLE_TO)\w*\).* set NODE_EXTRA_CA_CERTS to the file of that authority/,
  );
});

test('doctor says so too', async () => {
  const { stdout } = await runCli(['doctor', '--json'], { cwd, env });
  const findings: Finding[] = JSON.parse(stdout).findings;
  expect(findings.find(({ check }) => check === 'sequencer')).toMatchObject({
    status: 'fail',
    advice: expect.stringContaining('set NODE_EXTRA_CA_CERTS to the file of that authority'),
  });
});

test.each(['environment', '.env'])('NODE_EXTRA_CA_CERTS in the %s: it is reached', async (where) => {
  const setting = { NODE_EXTRA_CA_CERTS: certificate.authority };
  if (where === '.env') writeFileSync(join(cwd, '.env'), `NODE_EXTRA_CA_CERTS=${certificate.authority}\n`);
  const more = where === '.env' ? {} : setting;
  const { stderr } = await startCli(['status'], { cwd, env: { ...env, ...more } }).ended;
  rmSync(join(cwd, '.env'), { force: true });
  expect(stderr).toMatch(/was reached/);
});

test('what was trusted before is trusted still', async () => {
  const other = mkdtempSync(join(cwd, 'other-'));
  writeFileSync(join(cwd, '.env'), `NODE_EXTRA_CA_CERTS=${createCertificate(other).authority}\n`);
  // the authorities of the system, as a machine of a company has them
  const system = { NODE_OPTIONS: '--use-system-ca', SSL_CERT_FILE: certificate.authority };
  const { stderr } = await startCli(['status'], { cwd, env: { ...env, ...system } }).ended;
  rmSync(join(cwd, '.env'), { force: true });
  expect(stderr).toMatch(/was reached/);
});

test('a file that is not there is named', async () => {
  const { code, stderr } = await runCli(['workflows'], { cwd, env: { NODE_EXTRA_CA_CERTS: 'none.pem' } });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/NODE_EXTRA_CA_CERTS "none\.pem" cannot be used \(ENOENT\)/),
  ]);
});
