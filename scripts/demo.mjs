// `npm run demo`: installs, builds, and serves the demo app on its own network. `-- pictures` takes the pictures of the documentation anew.
import { runNode, withPnpm } from './workspace.mjs';

const install = 'pnpm install --frozen-lockfile --reporter=append-only --loglevel=warn';
const [command, ...names] = process.argv.slice(2);
process.exit(command === 'pictures' ? takePictures() : serve());

function serve() {
  const build = 'node scripts/check-node.mjs && turbo run build --filter=@heurist/demo... --output-logs=errors-only';
  return withPnpm(`${install} && ${build}`, { HEURIST_BUILD: 'run' }) || runNode(['apps/demo/dist/server/main.js']);
}

function takePictures() {
  // the walk runs what is published
  const walk =
    'turbo run pkgcheck --output-logs=errors-only && vitest run --config vitest.slow.config.ts --project demo walk';
  const isWalkWanted = !names.length || names.includes('walk');
  return (
    withPnpm(isWalkWanted ? `${install} && ${walk}` : install) ||
    runNode(['--conditions=@heurist/source', 'apps/demo/pictures/main.ts', ...names])
  );
}
