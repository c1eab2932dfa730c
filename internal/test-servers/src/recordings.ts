// What a real ComfyUI said, of version 0.3.64 but where it says otherwise: whole exchanges, its node classes, and a photo to work on.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readPacked } from './packed.ts';

/** One event of a recorded exchange. */
export interface RecordedEvent {
  /** `step` (a note), `http_request`, `http_response`, `ws_recv_text`, `ws_recv_binary` … */
  kind: string;
  client?: string;
  method?: string;
  path?: string;
  url?: string;
  status?: number;
  // biome-ignore lint/suspicious/noExplicitAny: recordings have many forms
  json_body?: any;
  // biome-ignore lint/suspicious/noExplicitAny: recordings have many forms
  json?: any;
  text?: string;
  note?: string;
  // biome-ignore lint/suspicious/noExplicitAny: frames are what they are
  data?: any;
}

/** The recorded exchanges. */
export type RecordingName =
  | '01_success'
  | '02_cached_rerun'
  | '03_validation_failures'
  | '04_runtime_failure'
  | '05_interrupt'
  | '09_reconnect'
  | '10_previews_binary'
  | '11_save_nodes'
  | '12_execution_semantics'
  | '13_history_race'
  | '16_worker_thread_death';

/** The events of a recorded exchange, in order. */
export function readEvents(name: RecordingName): RecordedEvent[] {
  return readJson<{ events: RecordedEvent[] }>(name).events;
}

/** The answer of `/object_info` of a ComfyUI with its own 495 node classes and no models: a fresh copy at each call. */
export function readObjectInfo<ObjectInfo>(): ObjectInfo {
  return readJson<ObjectInfo>('object_info');
}

/** Where the answer of a newer one is. */
export const currentObjectInfoPath = fileURLToPath(new URL('../recordings/object_info-0.33.json.br', import.meta.url));

/**
 * The part of the answer of `/object_info` of a ComfyUI 0.33 that decides about graphs. It had files without content in place of
 * the models that the official templates name. Written by `internal/editor-exports/record-verdicts.ts`.
 */
export function readCurrentObjectInfo<ObjectInfo>(): ObjectInfo {
  return readPacked<ObjectInfo>(currentObjectInfoPath);
}

/** Path of a file that holds the graph that made it: `recordings/files/README.md` lists them. */
export const savedPath = (name: string) => fileURLToPath(new URL(`../recordings/files/${name}`, import.meta.url));

/** A file that holds the graph that made it. */
export const readSaved = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(savedPath(name)));

/** Path of a photo of 256x256 pixels, a JPEG. The quickstart shows it too. */
export const photoPath = fileURLToPath(new URL('../../../apps/quickstart/photos/astronaut.jpg', import.meta.url));

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8'));
}
