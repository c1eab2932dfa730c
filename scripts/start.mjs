// `npm start`: installs, builds, and draws and upscales a picture: from words or a file after `--`, or a default.
import { runNode, withPnpm } from './workspace.mjs';

const prepare =
  'pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn && ' +
  'node scripts/check-node.mjs && turbo run build --filter=@heurist/quickstart... --output-logs=errors-only';
const failed = withPnpm(prepare, { HEURIST_BUILD: 'run' });
process.exit(failed || runNode(['apps/quickstart/dist/main.js', ...process.argv.slice(2)]));
