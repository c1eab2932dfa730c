// What pages do with the server of their app: `page.ts URL`, where the handler is mounted. Prints `done` if everything is as it should be.
import process from 'node:process';
import { demand, useNetwork } from './use-network.ts';

const [, , base = ''] = process.argv;
const { HEURIST_WORKFLOW_URL: sequencer = '' } = process.env;
const json = { 'content-type': 'application/json' };
const signedIn = { ...json, cookie: 'user=ada' };

const post = (name: string, headers: Record<string, string>, body: BodyInit = '{}') =>
  fetch(`${base}/${name}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
const codeOf = async (reply: Response) => ((await reply.json()) as { code?: string }).code;

/** As a browser: it sends the cookie of the visitor with each call to the app. */
function keepCookie(): () => void {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    if (request.url.startsWith(new URL(base).origin)) request.headers.set('cookie', signedIn.cookie);
    return fetch(request);
  };
  return () => {
    globalThis.fetch = fetch;
  };
}

async function callThroughTheServer(): Promise<void> {
  const forgetCookie = keepCookie();
  try {
    await useNetwork({ apiKey: 'page#none', workflowURL: base });
  } finally {
    forgetCookie();
  }
}

/** The page calls the sequencer itself, until its user signs out. */
async function callWithSession(): Promise<void> {
  const reply = await post('session_create', signedIn);
  const { session_token, session_id } = (await reply.json()) as { session_token: string; session_id: string };
  const asPage = { apiKey: session_token, workflowURL: sequencer };
  await useNetwork(asPage);
  const revoked = await post('session_revoke', signedIn, JSON.stringify({ session_id }));
  demand(revoked.status === 200, 'a session can be revoked', revoked.status);
  const error = await useNetwork(asPage).catch((reason: unknown) => reason);
  demand((error as { code?: string }).code === 'unauthorized', 'it cannot be used any more', String(error));
}

async function beRefused(): Promise<void> {
  const away = await post('session_create', json);
  demand(away.status === 401 && (await codeOf(away)) === 'unauthorized', 'who is not signed in gets 401', away.status);
  const foreign = await post('task_create', { ...signedIn, 'sec-fetch-site': 'cross-site' });
  demand(foreign.status === 403, 'pages of other sites are refused', foreign.status);
  const secret = await post('task_create', signedIn, JSON.stringify({ task_type: 'txt2img', task_details: {} }));
  demand(secret.status === 403, 'so is what the user may not submit', secret.status);
  const large = JSON.stringify({ task_type: 'upscaler', task_details: { prompt: 'x'.repeat(1_000_000) } });
  // a stream says nothing about its length
  for (const body of [large, new Blob([large]).stream()]) {
    const reply = await post('task_create', signedIn, body);
    demand(reply.status === 413, 'a body that is too large is refused', reply.status);
    await reply.body?.cancel();
  }
}

await callThroughTheServer();
await callWithSession();
await beRefused();
console.log('done');
