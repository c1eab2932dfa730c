// `npm run mutate -- PACKAGE`: which changes to a package's sources its tests notice (StrykerJS).
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn';
process.exit(withPnpm(prepare) || runNode(['internal/mutate/main.ts', ...process.argv.slice(2)]));
