import { library } from '@heurist/build';

// the worker lies beside the bundle, which finds it as `./inference-worker.js`
export default library(
  { index: 'src/index.ts', 'inference-worker': 'src/inference/inference-worker.ts' },
  { cjs: false },
);
