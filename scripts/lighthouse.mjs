// `npm run lighthouse`: measures the page of the demo. Without other work on the machine, since it measures times.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'apps/demo/lighthouse/main.ts']));
