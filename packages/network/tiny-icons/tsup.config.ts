import { library } from '@heurist/tooling';

export default library(['src/index.ts'], { cjs: false });
