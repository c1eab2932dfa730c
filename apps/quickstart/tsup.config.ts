import { library } from '@heurist/tooling';

export default library(['src/main.ts'], { cjs: false });
