// `npm test`: installs, checks and builds everything, runs every test. `npm run test:all` adds slow tests and
// those that need outside tools. `npm run check` is the short form. The last line is `N passed, N failed`.
import { withPnpm } from './workspace.mjs';

const [tier = ''] = process.argv.slice(2);
const script = tier === 'check' ? 'check.mjs' : `verify.mjs ${tier === 'all' ? '--all' : ''}`;
process.exit(
  withPnpm(`pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn && node scripts/${script}`),
);
