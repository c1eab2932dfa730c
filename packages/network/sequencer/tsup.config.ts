import { library } from '@heurist/build';

export default library(['src/index.ts'], { cjs: false });
