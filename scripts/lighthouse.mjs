// `npm run lighthouse`: measures the pages of the demo. Without other work on the machine, since it measures times. `-- --write` writes the
// table of docs/studio.md.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
const args = process.argv.slice(2);
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'apps/demo/lighthouse/main.ts', ...args]));
