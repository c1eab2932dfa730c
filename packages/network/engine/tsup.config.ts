import { library } from '@heurist/tooling';

export default library(['src/index.ts', 'src/inference-worker.ts'], { cjs: false });
