import { fileURLToPath } from 'node:url';
import { readPacked } from '@heurist/test-servers/packed';

/** An official template: the file, and what the editor exports for it. */
export interface Template<Graph> {
  file: unknown;
  exported: Graph;
}

/** Where the templates are. Written by `pack.ts`. */
export const templatesPath = fileURLToPath(new URL('../fixtures/templates.json.br', import.meta.url));

/** The official templates, by name. */
export function readTemplates<Graph>(): Record<string, Template<Graph>> {
  return readPacked(templatesPath);
}
