import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, root } from './pages.ts';

/** What a reader makes, or what a page takes as an example. */
const MADE = [
  ...['deploy/models', 'graphs/NAME.api.json', 'network/credentials.json'],
  ...['app.mjs', 'app/make-card.ts', 'src/soft-glow-options.ts', 'src/soft-glow-task.ts'],
];

/** Variables of other programs. */
const OTHERS = ['CUDA_VISIBLE_DEVICES', 'FAL_KEY', 'ONNXRUNTIME_NODE_INSTALL', 'REPLICATE_API_TOKEN'];

const VARIABLE = '[A-Z][A-Z0-9]*(_[A-Z0-9]+)+';

const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64_000_000 }).split('\n').filter(Boolean);

/** Names in capitals of everything but pages: variables of the environment, and constants. */
const names = new Set([...OTHERS, ...git('grep', '--untracked', '-ohwE', VARIABLE, '--', ':!*.md')]);

/** Each file, by every end of its path: pages shorten paths that are clear. */
const files = new Set(
  git('ls-files', '--cached', '--others', '--exclude-standard').flatMap((path) => {
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
