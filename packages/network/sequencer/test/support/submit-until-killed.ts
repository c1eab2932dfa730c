// Run by restart.test.ts in a process of its own: submits tasks and reports each that was acknowledged, until it is killed.
import { startNetwork } from './network.ts';

const network = await startNetwork({ dataDir: process.argv[2] ?? '' });
for (let count = 0; count < 1000; count++) process.send?.((await network.create()).json.task_id);
