import { library } from '@heurist/build';

export default library([
  'src/index.ts',
  'src/parameters.ts',
  'src/definition.ts',
  'src/protocol.ts',
  'src/node.ts',
  'src/testing.ts',
  'src/webhooks.ts',
]);
