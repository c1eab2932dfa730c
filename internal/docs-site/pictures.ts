// Makes the pictures of docs/workflows on a local network: `npm run docs:pictures`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { families } from './src/generated/families.ts';
import { makePictures } from './src/generated/make-pictures.ts';
import { pictures } from './src/paths.ts';

for (const [name, bytes] of await makePictures(families)) {
  writeFileSync(join(pictures, name), bytes);
  console.log(`${name}: ${bytes.length} bytes`);
}
