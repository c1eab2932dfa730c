import { library } from '@heurist/tooling';

export default library(['src/index.ts', 'src/credentials.ts'], { cjs: false });
