import { library } from '@heurist/build';

export default { ...library(['server/main.ts'], { cjs: false }), outDir: 'dist/server', dts: false };
