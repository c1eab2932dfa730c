import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, root } from './pages.ts';

/** What a reader makes, or what a page takes as an example. */
const MADE = [
  ...['deploy/models', 'graphs/NAME.api.json', 'src/graphs/NAME.api.json', 'network/credentials.json'],
  ...['app.mjs', 'app/make-card.ts', 'src/soft-glow-options.ts', 'src/soft-glow-task.ts'],
];

/** Variables of other programs. */
const OTHERS = ['CUDA_VISIBLE_DEVICES', 'FAL_KEY', 'ONNXRUNTIME_NODE_INSTALL', 'REPLICATE_API_TOKEN'];

const VARIABLE = '[A-Z][A-Z0-9]*(_[A-Z0-9]+)+';

/** Made by tools, or of the history. */
const MADE_BY_TOOLS = /(^|\/)(node_modules|dist|out|\.(git|next|pack|stryker-tmp|temp|turbo|vitepress\/cache))(\/|$)/;

const paths = globSync(['**/*', '**/.*', '**/.*/**/*'], { cwd: root, exclude: (path) => MADE_BY_TOOLS.test(path) });

/** Text that names variables: everything but pages. */
const sources = paths.filter((path) =>
  /\.(c?[jt]sx?|mjs|ya?ml|json|sh|service|example)$|ockerfile$|^\.ci\//.test(path),
);

/** Names in capitals of everything but pages: variables of the environment, and constants. */
const names = new Set([
  ...OTHERS,
  ...sources.flatMap(
    (path) => readFileSync(join(root, path), 'utf8').match(new RegExp(`\\b${VARIABLE}\\b`, 'g')) ?? [],
  ),
]);

/** Each file, by every end of its path: pages shorten paths that are clear. */
const files = new Set(
  paths.flatMap((path) => {
    const parts = path.split('/');
    return parts.map((_, index) => parts.slice(index).join('/'));
  }),
);

/** What a page names in sentences, tables and shell blocks that does not exist: variables, source files, folders. */
export function unknownMentions({ spans, fences }: Page): string[] {
  return [
    ...spans.flatMap(({ place, text }) => (isUnknown(text) ? [`${place}: ${text}`] : [])),
    ...fences
      .filter(({ language }) => ['sh', 'text', 'yaml'].includes(language))
      .flatMap(({ place, code }) =>
        [...code.matchAll(new RegExp(`(?<=^|\\s)${VARIABLE}(?==)`, 'gm'))]
          .filter(([name]) => !names.has(name))
          .map(([name]) => `${place}: ${name}`),
      ),
  ];
}

function isUnknown(text: string): boolean {
  const [variable] = new RegExp(`^${VARIABLE}(?==|$)`).exec(text) ?? [];
  if (variable) return !names.has(variable);
  if (MADE.includes(text)) return false;
  const isOfRoot = /^(packages|docs|internal|apps|scripts|deploy|examples)\/[\w./-]+$/.test(text);
  if (isOfRoot) return !existsSync(join(root, text));
  const isFile = /^[\w@./-]*\w\.(tsx?|mjs)$/.test(text) || /^[\w@.-]+\/[\w@./-]+\.(md|json|ya?ml|css)$/.test(text);
  return isFile && !/(^|\.)d\.ts$/.test(text) && !files.has(text);
}
