import { type RecordedEvent, type RecordingName, readEvents } from '@heurist/test-servers/recordings';

/** One prompt of a recording: what was sent, answered, said on the socket, and in the end in the history. */
export interface RecordedPrompt {
  note: string;
  graph: Record<string, { class_type: string; inputs: Record<string, unknown> }>;
  reply: { status: number; json?: Record<string, unknown>; text?: string };
  prompt_id: string;
  frames: (string | ArrayBuffer)[];
  // biome-ignore lint/suspicious/noExplicitAny: a history entry as recorded
  history: any;
}

/** Reads the prompts of a recording. */
export function readPrompts(name: RecordingName): RecordedPrompt[] {
  const events = readEvents(name);
  let note = '';
  return events.flatMap((event, index) => {
    if (event.kind === 'step') note = event.note ?? '';
    if (event.kind !== 'http_request' || event.method !== 'POST' || event.path !== '/prompt') return [];
    const reply = events.slice(index).find(({ kind, path }) => kind === 'http_response' && path === '/prompt');
    const prompt_id = `${reply?.json?.prompt_id ?? ''}`;
    const graph = (event.json_body?.prompt ?? {}) as RecordedPrompt['graph'];
    if (!reply?.status) return [];
    const { status, json, text } = reply;
    return [
      {
        note,
        graph,
        prompt_id,
        reply: { status, ...(json && { json }), ...(text !== undefined && { text }) },
        frames: framesOf(events.slice(index), prompt_id),
        history: events.find(({ kind, json }) => kind === 'http_response' && json?.[prompt_id])?.json?.[prompt_id],
      },
    ];
  });
}

/** The frames about one prompt, with those that name no prompt in between. */
function framesOf(events: RecordedEvent[], prompt_id: string): RecordedPrompt['frames'] {
  const [client] = events.filter(({ data }) => data?.data?.prompt_id === prompt_id).map((event) => event.client);
  const end = events.findIndex(({ data }) => data?.data?.node === null && data.data.prompt_id === prompt_id);
  return events.slice(0, end === -1 ? undefined : end + 1).flatMap((event): RecordedPrompt['frames'] => {
    if (event.client !== client) return [];
    if (event.kind === 'ws_recv_text') return [JSON.stringify(event.data)];
    return event.kind === 'ws_recv_binary' ? [binaryFrame(event.data)] : [];
  });
}

/** Recordings keep the header of a binary frame and its metadata; the picture's bytes are zeros here. */
function binaryFrame(data: Record<string, unknown>): ArrayBuffer {
  const head = Buffer.from(String(data.first_32_bytes_hex), 'hex');
  const frame = Buffer.alloc(Number(data.binary_total_bytes));
  head.copy(frame);
  if (data.metadata) frame.write(pythonJson(data.metadata as object), 8);
  return frame.buffer.slice(frame.byteOffset, frame.byteOffset + frame.length) as ArrayBuffer;
}

/** Python separates with spaces: lengths in the header count them. */
function pythonJson(value: object): string {
  return JSON.stringify(value).replaceAll('":', '": ').replaceAll(',"', ', "');
}
