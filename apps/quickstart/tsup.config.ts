import { library } from '@heurist/build';

export default library(['src/main.ts', 'src/heurist.ts'], { cjs: false });
