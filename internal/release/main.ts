// `npm run release:rehearse`: two releases in a row on a registry of this machine, and what users do with them.
import { resolve } from 'node:path';
import { rehearse } from './src/rehearse.ts';

await rehearse(resolve(import.meta.dirname, '../..'), console.log);
console.log('the release works');
process.exit(0);
