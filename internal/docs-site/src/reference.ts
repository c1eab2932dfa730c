// The reference of every name that users import, from the comments in the sources: one page per import.
import { join, relative } from 'node:path';
import { publicEntries } from '@heurist/docs/public-entries';
import { Application, type PageEvent } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { root, stage } from './paths.ts';

const layout: Partial<PluginOptions> = {
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: 'table',
  propertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  // names say where they are: headings of the same name are numbered otherwise by VitePress; the prefix keeps them apart from
  // headings such as "Parameters"
  useCustomAnchors: true,
  anchorPrefix: 'name-',
};

/** What TypeDoc calls the module of a file. */
const moduleOf = (file: string) => relative(join(root, 'packages'), file).replace(/(\/index)?\.ts$/, '');

/** Writes `reference/` into the stage. */
export async function writeReference(): Promise<void> {
  const entries = publicEntries();
  const names = new Map([...entries].map(([name, file]) => [moduleOf(file), name]));
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...entries.values()],
    tsconfig: join(root, 'tsconfig.base.json'),
    outputs: [{ name: 'markdown', path: join(stage, 'reference') }],
    readme: 'none',
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    // turbo checks the types
    skipErrorChecking: true,
    logLevel: 'Warn',
    router: 'module',
    ...layout,
  } as Parameters<typeof Application.bootstrapWithPlugins>[0]);
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc could not read the sources.');
  // modules are called as apps import them, not by their files
  for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
  app.renderer.on('endPage', withoutConstructorLinks);
  await app.generateOutputs(project);
}

/** A constructor has no heading that a link could name. */
function withoutConstructorLinks(page: PageEvent): void {
  if (page.contents) page.contents = page.contents.replaceAll(/\[`constructor`\]\([^)]*\)/g, '`constructor`');
}
