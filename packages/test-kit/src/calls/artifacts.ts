import { type IncomingCall, json, type Reply } from '../http/reply.ts';
import type { FileShelf, StoredFile } from '../tasks/files.ts';
import { Refusal } from './refusal.ts';

/** Files in and out. The signature in the URL is the permission. */
export function answerFile(call: IncomingCall, id: string, { files }: { files: FileShelf }): Reply {
  const isWrite = call.method === 'PUT';
  const file = files.files.get(id);
  if (!file || call.url.searchParams.get('signature') !== file[isWrite ? 'write' : 'read'])
    throw new Refusal('forbidden', 'The signature of this URL is not valid. Use the URL unchanged.');
  return isWrite ? receive(call, id, file, files) : send(file);
}

function receive({ bytes }: IncomingCall, id: string, file: StoredFile, files: FileShelf): Reply {
  if (bytes.byteLength !== file.declared)
    throw new Refusal(
      'invalid_request',
      `The file was declared with ${file.declared} bytes, and ${bytes.byteLength} arrived. Declare it again.`,
    );
  file.bytes = bytes;
  files.uploads.push(bytes);
  return json({ artifact_id: id });
}

function send({ bytes, content_type }: StoredFile): Reply {
  if (!bytes) throw new Refusal('not_found', 'This file was declared, but has not been uploaded.');
  const headers = {
    'content-type': content_type,
    'content-length': `${bytes.byteLength}`,
    'access-control-allow-origin': '*',
  };
  return { status: 200, headers, body: bytes };
}
