import { hideCredentials } from '@heurist/server-kit/url-credentials';
import { HeuristError } from '../errors.ts';

/** @throws {HeuristError} `invalid_configuration` if it is missing, is not http(s), or would expose the key */
export function checkURL(text: string | undefined, allowInsecureHttp: boolean): string {
  const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });
  if (!text)
    throw invalid(
      'No sequencer URL. Pass { workflowURL } or set HEURIST_WORKFLOW_URL; `npx @heurist/dev` starts a local network.',
    );
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const shown = withoutKeys(hideCredentials(text));
  if (!url || !isWeb(url)) throw invalid(`\`workflowURL\` must be an http(s) URL (got "${shown}").`);
  if (url.username || url.password)
    throw invalid(
      `\`workflowURL\` must not hold a user name or password: leave them out of "${shown}", and pass your key as { apiKey }.`,
    );
  if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname))
    throw invalid(
      `\`workflowURL\` "${shown}" would send your key unencrypted. Use https, or pass { allowInsecureHttp: true } in a private network.`,
    );
  return (url.origin + url.pathname).replace(/\/*$/, '/');
}

export const isWeb = ({ protocol }: URL) => /^https?:$/.test(protocol);

/** Without a key that was given in place of an address, or in its query. */
const withoutKeys = (text: string) => text.replace(/[?#].*|^([^-.:/]*-)[^.:/]*$/s, '$1...');

/** Whether a host name means this machine. RFC 6761: every name under localhost does. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
