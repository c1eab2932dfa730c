import { proxyUrl } from '@heurist/server-kit/env-proxy';
import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { type Finding, fail, ok, skip } from './finding.ts';
import { tryConnecting } from './reach.ts';

/** The proxies of the environment: whether they take connections, and what goes around them. */
export async function checkProxies(): Promise<readonly Finding[]> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY'].filter(settingOf);
  if (!names.length) return [skip('proxy', 'neither HTTP_PROXY nor HTTPS_PROXY is set: connections are direct')];
  const around = settingOf('NO_PROXY');
  return await Promise.all(names.map((name) => checkProxy(name, settingOf(name)!, around)));
}

const settingOf = (name: string) => process.env[name.toLowerCase()] || process.env[name];

async function checkProxy(name: string, address: string, around: string | undefined): Promise<Finding> {
  // never shown whole: it may hold a password
  const { hostname, port, protocol } = new URL(proxyUrl(address)!);
  const trouble = await tryConnecting(hostname, Number(port) || (protocol === 'https:' ? 443 : 80));
  if (trouble) return fail('proxy', `${name} ${hideCredentials(address)}: ${trouble.message}`, trouble.advice);
  return ok('proxy', `${name} ${hideCredentials(address)}; directly: this machine${around ? `, ${around}` : ''}`);
}
