import { type IncomingHttpHeaders, request } from 'node:http';

export interface Reply {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Where it comes from. */
  from?: string;
}

/** As a browser asks, which `fetch` does not let one do. */
export function ask(url: string, { method = 'GET', headers = {}, body, from = '127.0.0.1' }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, localAddress: from, agent: false }, async (response) => {
      const text = Buffer.concat(await Array.fromAsync(response)).toString();
      resolve({ status: response.statusCode, headers: response.headers, text });
    });
    asking.on('error', reject).end(body);
  });
}

/** A person with a browser of their own: it keeps the cookie, and says where its requests come from. */
export class Person {
  cookie = '';
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async ask(path: string, { headers = {}, ...more }: Ask = {}): Promise<Reply> {
    const own = { origin: this.#url, ...(this.cookie && { cookie: this.cookie }) };
    const reply = await ask(this.#url + path, { ...more, headers: { ...own, ...headers } });
    const [set] = reply.headers['set-cookie'] ?? [];
    if (set) this.cookie = /Max-Age=0/.test(set) ? '' : set.split(';')[0]!;
    return reply;
  }

  signIn(key: string, next = '/', headers: Record<string, string> = {}): Promise<Reply> {
    const body = new URLSearchParams({ key, next }).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.ask('/sign-in', { method: 'POST', headers: { ...type, ...headers }, body });
  }

  async submit(prompt: string, headers: Record<string, string> = {}): Promise<Reply & { task_id: string }> {
    const task = { family: 'text2image', workflow_id: 'tiny', options: { prompt }, job_id: `team-job-${prompt}` };
    const type = { 'content-type': 'application/json' };
    const reply = await this.ask('/api/tasks', {
      method: 'POST',
      headers: { ...type, ...headers },
      body: JSON.stringify(task),
    });
    return { ...reply, task_id: JSON.parse(reply.text).task_id };
  }

  async statusOf(task_id: string): Promise<number | undefined> {
    return (await this.ask(`/api/tasks/${task_id}`)).status;
  }
}
