// `npm run samples`: makes the pictures of the demo's first page anew.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'apps/demo/samples/main.ts']));
