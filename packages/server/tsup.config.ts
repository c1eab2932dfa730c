import { library } from '@heurist/build';

export default library(['src/index.ts', 'src/node.ts']);
