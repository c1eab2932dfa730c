import { library } from '@heurist/build';

export default library(['src/index.ts', 'src/workflow.ts', 'src/resource.ts']);
