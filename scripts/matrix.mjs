// `npm run matrix`: packs every package, and uses the packs on every runtime, framework and compiler.
import { runNode, withPnpm } from './workspace.mjs';

const prepare = 'pnpm install --frozen-lockfile --loglevel=warn && turbo run build pkgcheck --output-logs=errors-only';
const args = process.argv.slice(2);
process.exit(withPnpm(prepare) || runNode(['--conditions=@heurist/source', 'internal/matrix/main.ts', ...args]));
