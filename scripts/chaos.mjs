// `npm run chaos`: breaks something in a whole network every second, and checks every task.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
const args = process.argv.slice(2);
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'internal/chaos/main.ts', ...args]));
