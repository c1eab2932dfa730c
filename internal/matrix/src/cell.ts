import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');

/** Where cells run: a folder of an app that has the packed packages, a network, and tools that are installed when they are needed. */
export interface Stage {
  /** An app with the packed packages in its `node_modules`, and every program and example. */
  app: string;
  network: { url: string; apiKey: string };
  /** The port of the one origin whose pages the network answers. */
  pagePort: number;
  /**
   * The folder in which packages of the registry are installed, beside the packed ones if `withOurs` says so.
   *
   * @throws {Unavailable} if they cannot be installed
   */
  install(specs: readonly string[], options?: { withOurs?: boolean }): Promise<string>;
  close(): Promise<void>;
}

/** A program on one runtime, compiler or framework. */
export interface Cell {
  /** Where it runs, such as `Node 22`. */
  where: string;
  /** What is done there, as the page says it. */
  does: string;
  /** Passes if it resolves. */
  run(stage: Stage): Promise<void>;
}

/** What a cell needs is not on this machine and cannot be installed: it is skipped, and said so. */
export class Unavailable extends Error {}

/** What the `.env` of an app has. */
export const settings = ({ network }: Stage) => ({
  HEURIST_WORKFLOW_URL: network.url,
  HEURIST_API_KEY: network.apiKey,
});
