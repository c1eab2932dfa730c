import { library } from '@heurist/build';

export default library(['src/index.ts', 'src/definition.ts'], { base: 'src/index.ts', splitting: false });
