import { library } from '@heurist/build';

export default library(['src/main.ts'], { cjs: false });
