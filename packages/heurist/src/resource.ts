import type { Workflow } from './workflow/workflow.ts';

/** What the parts of a client share. */
export interface Client {
  readonly workflow: Workflow;
}

/** What `images` and `smartgen` are: a part of a client. */
export class APIResource {
  protected readonly _client: Client;

  constructor(client: Client) {
    this._client = client;
  }
}
