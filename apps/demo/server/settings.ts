import { HeuristError } from '@heurist/core';
import type { VisitorChoice } from './app.ts';

/** What the environment says about the server. */
export interface DemoSettings {
  /** `HEURIST_WORKFLOW_URL`; without it the server starts a local network. */
  workflowURL: string | undefined;
  /** `HEURIST_API_KEY`. */
  apiKey: string;
  /** `PORT`, default 8080. */
  port: number;
  /** `HOST`, default 127.0.0.1. */
  host: string;
  /** `DATA_DIR`: where a local network keeps tasks and files. Default: `.heurist/demo` in the clone. */
  dataDir: string | undefined;
  /** `HOST_NAMES`: names by which visitors reach the page, comma-separated. Default none. */
  hostNames: string[];
  /** `PUBLIC_WORKFLOW_URL`: where programs of visitors reach the network. Default: as this server does. */
  publicURL: string | undefined;
  /** `SIGN_IN=key`: visitors sign in with keys of their own. `VISITOR_HEADER`: a proxy says in it who asks. Default: everybody may. */
  visitors: VisitorChoice;
  /** `TRUST_PROXY`: addresses and networks of the proxies in front, comma-separated. Default none. */
  trustedProxies: string[];
}

/**
 * Reads the settings.
 *
 * @throws {HeuristError} `invalid_configuration` for values that cannot work
 */
export function readSettings(environment: NodeJS.ProcessEnv): DemoSettings {
  const {
    HEURIST_WORKFLOW_URL,
    HEURIST_API_KEY = '',
    PORT = '8080',
    HOST = '127.0.0.1',
    DATA_DIR,
    HOST_NAMES,
    PUBLIC_WORKFLOW_URL,
    TRUST_PROXY,
  } = environment;
  const trustedProxies = listOf(TRUST_PROXY);
  return {
    workflowURL: HEURIST_WORKFLOW_URL || undefined,
    apiKey: HEURIST_API_KEY,
    port: portOf(PORT),
    host: HOST,
    dataDir: DATA_DIR || undefined,
    hostNames: listOf(HOST_NAMES),
    publicURL: PUBLIC_WORKFLOW_URL || undefined,
    visitors: visitorsOf(environment, trustedProxies),
    trustedProxies,
  };
}

const listOf = (text = '') => text.split(',').flatMap((entry) => entry.trim() || []);

function visitorsOf({ SIGN_IN, VISITOR_HEADER }: NodeJS.ProcessEnv, trustedProxies: string[]): VisitorChoice {
  if (SIGN_IN && SIGN_IN !== 'key') throw invalid(`\`SIGN_IN\` can only be "key" (got "${SIGN_IN}").`);
  if (SIGN_IN && VISITOR_HEADER)
    throw invalid('Set `SIGN_IN` or `VISITOR_HEADER`, not both: visitors sign in here, or at the proxy in front.');
  if (SIGN_IN) return { by: 'key' };
  if (!VISITOR_HEADER) return { by: 'nothing' };
  if (!/^[\w-]+$/.test(VISITOR_HEADER))
    throw invalid(
      `\`VISITOR_HEADER\` must be the name of a header, such as X-Forwarded-User (got "${VISITOR_HEADER}").`,
    );
  if (!trustedProxies.length)
    throw invalid('`VISITOR_HEADER` needs `TRUST_PROXY`, the address of your proxy: anybody can send a header.');
  return { by: 'header', header: VISITOR_HEADER };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw invalid(`\`PORT\` must be a number from 0 to 65535 (got "${text}"). Use 0 for any free port.`);
}

const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });
