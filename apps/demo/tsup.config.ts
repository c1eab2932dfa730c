import { library } from '@heurist/tooling';

export default { ...library(['server/main.ts'], { cjs: false }), outDir: 'dist/server', dts: false };
