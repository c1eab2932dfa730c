// `npm run docs`: builds the docs site. `-- serve` shows it, `-- pictures` makes the pictures of the workflows anew.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
const args = process.argv.slice(2);
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'internal/docs-site/main.ts', ...args]));
