// `npm run demo`: installs, builds, and serves the demo app on its own network.
import { runNode, withPnpm } from './workspace.mjs';

const prepare =
  'pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn && ' +
  'node scripts/check-node.mjs && turbo run build --filter=@heurist/demo... --output-logs=errors-only';
const failed = withPnpm(prepare, { HEURIST_BUILD: 'run' });
process.exit(failed || runNode(['apps/demo/dist/server/main.js']));
