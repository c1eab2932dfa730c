import type { NodeErrors } from '@heurist/comfyui';
import { parsePythonJson } from '@heurist/server-kit/python-json';
import { type Verdict, verdictOf } from './verdict.ts';

/** The answer to `POST /prompt`. */
interface Answer {
  prompt_id: string;
  error?: { type: string };
  node_errors?: NodeErrors;
}

/** What a running ComfyUI says of graphs. None of them runs to its end. */
export class VerdictServer {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(this.#url + path)).json()) as T;
  }

  async ask(prompt: unknown): Promise<Verdict> {
    const response = await this.#post('/prompt', { prompt });
    if (response.status === 500) return { failed: true };
    const { prompt_id, error, node_errors = {} } = parsePythonJson(await response.text()) as Answer;
    if (response.ok) await this.#stop(prompt_id);
    return verdictOf(error?.type, node_errors);
  }

  async #stop(prompt_id: string): Promise<void> {
    await this.#post('/queue', { delete: [prompt_id] });
    await this.#post('/interrupt', { prompt_id });
    await this.#post('/history', { clear: true });
  }

  #post(path: string, body: unknown): Promise<Response> {
    return fetch(this.#url + path, { method: 'POST', body: JSON.stringify(body) });
  }
}
