import http from 'node:http';
import { isIP } from 'node:net';

/** What is on this machine is never reached through a proxy: nobody else has the same `localhost`. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Sends every request of this process through the proxy of `HTTP_PROXY` and `HTTPS_PROXY`, except to this machine and to what
 * `NO_PROXY` names. Node does so by itself only with `NODE_USE_ENV_PROXY`, and then for this machine too.
 *
 * @returns whether there is a proxy that is used. Node before 24.14 cannot do it: there, `NODE_USE_ENV_PROXY` decides.
 * @throws {TypeError} for what is no address of an HTTP proxy
 */
export function useEnvProxy(env: NodeJS.ProcessEnv = process.env): boolean {
  const read = (name: string) => env[name] || env[name.toUpperCase()] || undefined;
  const [http_proxy, https_proxy] = [read('http_proxy'), read('https_proxy')].map(proxyUrl);
  if (!http_proxy && !https_proxy) return false;
  if (typeof http.setGlobalProxyFromEnv !== 'function') return env.NODE_USE_ENV_PROXY === '1';
  const direct = directHosts(read('no_proxy') ?? '');
  // beside others, `fetch` does not know it
  const no_proxy = direct.includes('*') ? '*' : [...direct, ...LOOPBACK].join(',');
  http.setGlobalProxyFromEnv({ ...(http_proxy && { http_proxy }), ...(https_proxy && { https_proxy }), no_proxy });
  return true;
}

/**
 * A proxy as Node takes it: others take `proxy.example.com:3128` too. With one of SOCKS, `node:http` would connect directly, without a
 * word.
 *
 * @throws {TypeError} for what is no address of an HTTP proxy
 */
export function proxyUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const address = /^([\w.-]+|\[[\da-f:.]+\]):\d+\/?$/i.test(text) ? `http://${text}` : text;
  if (/^https?:$/.test(new URL(address).protocol)) return address;
  throw new TypeError('not a proxy for HTTP');
}

/**
 * The entries of `NO_PROXY` as both clients of Node take them: `fetch` and `node:http` read it in different ways. A name stands for those
 * below it too, with and without a dot or `*.` before it; an IPv6 address may have brackets, which it needs before a port. Networks
 * (`10.0.0.0/8`) are known to neither.
 */
export function directHosts(noProxy: string): string[] {
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .flatMap((entry) => {
      if (entry === '*') return [entry];
      const [, bracketed, behind = ''] = /^\[([^\]]*)\](:\d+)?$/.exec(entry) ?? [];
      const address = bracketed ?? entry;
      if (isIP(address) === 6) return [`[${address}]${behind}`, `${address}${behind}`];
      const [, host = '', port = ''] = /^(?:\*?\.)?(.*?)(:\d+)?$/.exec(entry) ?? [];
      return isIP(host) || /[/*-]\d+(\.|$)/.test(host) ? [entry] : [`${host}${port}`, `.${host}${port}`];
    });
}
