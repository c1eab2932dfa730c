// `npm run release:rehearse`: two releases in a row on a registry of this machine, and what users do with them.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
process.exit(withPnpm(prepare) || runNode(['internal/release/main.ts']));
