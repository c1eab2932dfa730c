import type { ErrorCode, WireErrorCode } from '@heurist/core';

/** Codes that the client gives by itself. `WireErrorCode` has those of the network. */
type ClientCode = Exclude<Known<ErrorCode>, WireErrorCode>;
/** `ErrorCode` without "any other text". */
type Known<Code> = Code extends string ? (string extends Code ? never : Code extends object ? never : Code) : never;

/** What to do about a code that the network answers a call with. */
export const forCalls: Record<WireErrorCode, string> = {
  invalid_request:
    'Compare the request with [the protocol](../protocol.md). From the SDK, it means that client and sequencer are of different versions: update the older one.',
  invalid_parameters:
    'Read the message: it names the option, the value and how to fix it. The constructor of a task throws the same before anything is sent.',
  unknown_workflow:
    'Check `workflow_id`. `npx @heurist/cli status` lists what the network has; a workflow of your own must be loaded by its sequencer (`--workflow`).',
  protocol_mismatch: 'Update the side that the message names.',
  unauthorized:
    'Check `HEURIST_API_KEY`, whole and in quotes: `#` starts a comment in `.env` files. A key that was revoked or has expired needs a new one from the operator.',
  forbidden:
    'Use the key of the role that the message names: `consumer` in apps, `miner` in miners, `operator` for keys.',
  not_found:
    'Check the id, and that it was submitted with this key. Tasks and files are deleted after the retention, 30 days by default.',
  job_id_conflict: 'Use a new `job_id` for a different task. The same `job_id` means the same task.',
  lease_lost: 'Nothing, in an app: it is told to miners, and another miner has the task.',
  unservable:
    'Read the message: it says what this network runs. Choose such a `workflow_id`, connect a miner that has the models, or submit without `reject_if_unservable` and wait.',
  storage_quota_exceeded:
    'Wait until old files are deleted, send URLs instead of files, or ask the operator for a higher limit.',
  payload_too_large: 'Send a smaller file, or a URL.',
  rate_limited:
    'Nothing at first: calls are retried after `Retry-After`, until your `timeout`. If it is still thrown, submit fewer at a time, as [`runMany`](many-at-once.md) does, or ask the operator for a higher limit.',
  internal: 'Nothing at first: calls are retried until your `timeout`. If it stays, tell the operator.',
  unavailable:
    'Nothing at first: calls are retried until your `timeout`. If it stays, the sequencer or its database is down.',
};

/** Codes of the client: what they mean, and what to do. */
export const ofClient: Record<ClientCode, [meaning: string, advice: string]> = {
  invalid_configuration: [
    'Something is not set, or set wrongly: the address, the key.',
    'Read the message: it names the setting.',
  ],
  invalid_input: [
    'A file cannot be used: missing, empty, or of a kind that the network does not read.',
    'Read the message: it names the file. HEIC, TIFF, SVG and PDF must be converted before.',
  ],
  invalid_reply: [
    'What came back is not what a sequencer sends, or a file arrived damaged.',
    'Check the address: another server or a proxy may answer there.',
  ],
  connection_failed: [
    'The server cannot be reached.',
    'Check `HEURIST_WORKFLOW_URL`, and proxies between. It was retried until your `timeout`.',
  ],
  request_timeout: ['One call took longer than its `timeout`.', 'Try again, or pass a longer `timeout`.'],
  invalid_signature: [
    'A webhook is not from your network, is too old, or its body was changed.',
    'Answer it with 400. Pass the raw body to `verifyWebhook`, not a parsed one.',
  ],
  aborted: ['Your `signal` fired.', 'Nothing: you asked for it. `error.cancellation` says what became of the task.'],
  task_failed: [
    'The task failed, and the network gave no code.',
    'Read the message. `error.result` has all that is known.',
  ],
  task_canceled: ['The task was canceled, by you or by the network.', 'Submit it again if you did not mean it.'],
  task_timeout: [
    'The task did not end within the `timeout` of the wait; or, in a failed task, within its `timeout_seconds`.',
    "Pass a longer `timeout`: videos take minutes. To keep the task and wait again later, pass `onAbort: 'leave'`: see [wait and resume](wait-and-resume.md).",
  ],
};

/** Codes of failed tasks, as miners and the sequencer name them. Others are possible. */
export const ofTasks: Record<string, [meaning: string, advice: string]> = {
  execution_failed: [
    'A node of the graph failed.',
    'Read the message: it is what the node said. `node_type` names it.',
  ],
  graph_refused: [
    'ComfyUI refused the graph.',
    'For a workflow of your own, run `npx @heurist/cli workflow check` against that ComfyUI.',
  ],
  input_invalid: ['A file of the task is damaged, or not what its option takes.', 'Send another file.'],
  input_too_large: ['A file of the task has too many bytes or pixels.', 'Send a smaller file.'],
  input_unreachable: [
    'The miner could not fetch a file by its URL.',
    'Send the file itself instead of a URL, or a URL that the miner reaches without a login.',
  ],
  no_output: ['The graph ended without a file.', 'Check that its last node saves something.'],
  out_of_memory: [
    'The GPU of the miner does not have enough memory (VRAM).',
    'Ask for a smaller size, fewer frames or a smaller `batch_size`.',
  ],
  invalid_parameters: [
    'The miner found the options to be wrong.',
    'Read the message. The miner may have another version of the workflow than the sequencer.',
  ],
  task_timeout: [
    'It did not end within its `timeout_seconds`, a week by default.',
    'Submit it with more, or see [why it waits](why-it-waits.md).',
  ],
  miner_lost: [
    'The miner stopped reporting, in the last of three attempts.',
    'Submit it again. If it happens often, the operator looks at the miners.',
  ],
  miner_stalled: [
    'The run made no progress for two hours, in the last of three attempts.',
    'Submit it again, smaller.',
  ],
  miner_stopped: ['The miner was stopped. It shows in `history`: another miner gets the task.', 'Nothing.'],
  miner_failed: ['Something failed in the miner.', 'Submit it again.'],
  comfyui_failed: ["The miner's ComfyUI failed.", 'Submit it again.'],
  delivery_failed: ['The network could not store the result.', 'Submit it again.'],
  upload_failed: ['The result could not be uploaded.', 'Submit it again.'],
  storage_failed: [
    'The network could not read or store the files, after three tries over a minute.',
    'Tell the operator, and submit it again later.',
  ],
  failure_unconfirmed: ['One miner failed the task, and no other could be asked.', 'Submit it again.'],
};
