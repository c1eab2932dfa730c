import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App } from './app.ts';
import type { Registry } from './registry.ts';

/** The names of all examples. */
export function listExamples(root: string): string[] {
  return readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Copies an example out of this repository, into a folder of somebody who has npm. */
export function copyExample(
  root: string,
  name: string,
  to: { folder: string; registry: Registry; node?: string },
): App {
  const app = new App(join(to.folder, name), to.registry, to.node);
  app.copy(join(root, 'examples', name));
  return app;
}
