// `npm run heurist -- dev`: the command in a clone. Installs and builds what it needs, in silence if nothing has changed.
import { runNode, withPnpm } from './workspace.mjs';

const prepare =
  'pnpm install --frozen-lockfile --prefer-offline --silent && ' +
  'node scripts/check-node.mjs && turbo run build --filter=@heurist/quickstart... --output-logs=errors-only';
const failed = withPnpm(prepare, { HEURIST_BUILD: 'run' }, { quiet: true });
process.exit(failed || runNode(['apps/quickstart/dist/heurist.js', ...process.argv.slice(2)]));
