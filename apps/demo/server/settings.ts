import { HeuristError } from '@heurist/core';

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
  /** `HOST_NAMES`: names by which visitors reach the page, comma-separated. Default none. */
  hostNames: string[];
}

/**
 * Reads the settings.
 *
 * @throws {HeuristError} `invalid_configuration` if `PORT` is not a port
 */
export function readSettings(environment: NodeJS.ProcessEnv): DemoSettings {
  const {
    HEURIST_WORKFLOW_URL,
    HEURIST_API_KEY = '',
    PORT = '8080',
    HOST = '127.0.0.1',
    HOST_NAMES = '',
  } = environment;
  const hostNames = HOST_NAMES.split(',').flatMap((name) => name.trim() || []);
  const workflowURL = HEURIST_WORKFLOW_URL || undefined;
  return { workflowURL, apiKey: HEURIST_API_KEY, port: portOf(PORT), host: HOST, hostNames };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new HeuristError(`\`PORT\` must be a number from 0 to 65535 (got "${text}"). Use 0 for any free port.`, {
    code: 'invalid_configuration',
  });
}
