// `npm run bench -- NAME`: runs one benchmark of internal/bench. Without a name, lists them.
import { readdirSync } from 'node:fs';
import { runNode, withPnpm } from './workspace.mjs';

const names = readdirSync(new URL('../internal/bench', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`Usage: npm run bench -- NAME, with NAME one of ${names.join(', ')}`);
  process.exit(1);
}
// what is published is measured as it is published
const prepare = 'pnpm install --frozen-lockfile --loglevel=warn && turbo run build --output-logs=errors-only';
process.exit(
  withPnpm(prepare) ||
    runNode([
      ...(['bundle', 'import'].includes(name) ? [] : ['--conditions=@heurist/source']),
      `internal/bench/${name}.ts`,
      ...rest,
    ]),
);
