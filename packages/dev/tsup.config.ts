import { library } from '@heurist/build';

export default library(['src/index.ts', 'src/credentials.ts', 'src/main.ts'], { cjs: false });
