// Run by lock-folder.test.ts in processes of their own: locks a folder, says how that went, and holds it until it is killed.
import { lockFolder } from '../../src/database/lock-folder.ts';

const [folder = '', deed = 'hold'] = process.argv.slice(2);
try {
  lockFolder(folder);
  process.send?.(`locked by ${process.pid}`);
} catch (error) {
  process.send?.(`${(error as Error).message}`);
}
if (deed === 'hold') setInterval(() => {}, 1000);
else process.disconnect();
