// `npm start`: installs, builds, and upscales the bundled photo, or the one given after `--`.
import { runNode, withPnpm } from './workspace.mjs';

const prepare =
  'pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn && ' +
  'node scripts/check-node.mjs && turbo run build --filter=@heurist/quickstart... --output-logs=errors-only';
const failed = withPnpm(prepare, { HEURIST_BUILD: 'run' });
process.exit(failed || runNode(['apps/quickstart/dist/main.js', ...process.argv.slice(2)]));
