import { library } from '@heurist/build';

export default library(
  [
    'src/base.ts',
    'src/index.ts',
    'src/parameters.ts',
    'src/definition.ts',
    'src/protocol.ts',
    'src/node.ts',
    'src/testing.ts',
    'src/webhooks.ts',
  ],
  { carries: [/^zod\/mini$/, /^zod\/v4\//], base: 'src/base.ts' },
);
