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
  {
    carries: [/^zod\/mini$/, /^zod\/v4\//],
    base: 'src/base.ts',
    copied: [
      '../server-kit/src/sleep.ts',
      'src/wire/media-type.ts',
      'src/wire/piece.ts',
      'src/wire/printable.ts',
      'src/wire/until-aborted.ts',
    ],
    // what apps load; the other copy is for networks
    second: {
      of: 'zod/mini',
      for: [
        'src/task/parameters.ts',
        'src/wire/piece.ts',
        'src/client/client-transport.ts',
        'src/wire/network-status.ts',
        'src/wire/session.ts',
        'src/wire/task-result-schema.ts',
        'src/wire/upload-slot.ts',
      ],
    },
  },
);
