// A network in a process of its own, which a test can kill: network-process.ts DATA_DIR PORT. Prints one line when ready.
import { definitions } from '@heurist/upscaler/definition';
import { startLocalNetwork } from '../src/index.ts';

const [dataDir = '', port = '0'] = process.argv.slice(2);
// short, for a test that waits until it is over
const network = await startLocalNetwork({ workflows: definitions, dataDir, port: Number(port), leaseSeconds: 4 });
process.stdout.write(`${JSON.stringify({ url: network.url, apiKey: network.apiKey })}\n`);
