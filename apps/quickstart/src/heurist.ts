// The `heurist` command in a clone, with the local network: `npm run heurist -- dev`.
import { runHeurist } from '@heurist/cli';
import { startLocalNetwork } from '@heurist/dev';

// where it was called, not where npm went
process.chdir(process.env.INIT_CWD ?? '.');
process.exit(await runHeurist(process.argv.slice(2), { startLocalNetwork }));
