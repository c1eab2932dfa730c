import http from 'node:http';

/** What is on this machine is never reached through a proxy: nobody else has the same `localhost`. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/**
 * Sends every request of this process through the proxy of `HTTP_PROXY` and `HTTPS_PROXY`, except to this machine and to what
 * `NO_PROXY` names. Node does so by itself only with `NODE_USE_ENV_PROXY`, and then for this machine too.
 *
 * @returns whether there is a proxy that is used. Node before 24.14 cannot do it: there, `NODE_USE_ENV_PROXY` decides.
 */
export function useEnvProxy(env: NodeJS.ProcessEnv = process.env): boolean {
  const read = (name: string) => env[name] || env[name.toUpperCase()] || undefined;
  const [http_proxy, https_proxy] = [read('http_proxy'), read('https_proxy')];
  if (!http_proxy && !https_proxy) return false;
  if (typeof http.setGlobalProxyFromEnv !== 'function') return env.NODE_USE_ENV_PROXY === '1';
  const no_proxy = [read('no_proxy'), ...LOOPBACK].filter(Boolean).join(',');
  http.setGlobalProxyFromEnv({ ...(http_proxy && { http_proxy }), ...(https_proxy && { https_proxy }), no_proxy });
  return true;
}
