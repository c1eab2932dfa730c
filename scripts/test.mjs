// `npm test`: installs, checks and builds everything, runs every test. The last line is `N passed, N failed`.
import { withPnpm } from './workspace.mjs';

const line = 'pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn && node scripts/verify.mjs';
process.exit(withPnpm(line));
