import { useIsMutating, useMutation } from '@tanstack/react-query';
import type { FileValue } from '../../shared/api.ts';
import { isComplete } from '../lib/complete-file.ts';
import type { Size } from '../lib/picture-size.ts';
import { api } from './api.ts';

const UPLOAD = ['upload'];

/** A file that somebody chose or made. */
export interface ChosenFile {
  content: Blob;
  name: string;
}

/** Uploads files at once, as they are chosen; `onStored` gets what the option is set to. */
export function useUpload(onStored: (value: FileValue) => void) {
  return useMutation({
    mutationKey: UPLOAD,
    mutationFn: async (file: ChosenFile) => onStored(await store(file)),
  });
}

/** Whether an upload is in flight: a form waits for it. */
export const useIsUploading = () => useIsMutating({ mutationKey: UPLOAD }) > 0;

/** @throws {Error} which file was refused, and why */
async function store({ content, name }: ChosenFile): Promise<FileValue> {
  if (!isComplete(new Uint8Array(await content.arrayBuffer())))
    throw new Error(`${name} is incomplete: its end is missing. Export or download it again.`);
  const { url } = await api.upload(content).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
  return { url, name, ...(await sizeOf(content)) };
}

/** What the browser cannot read has no size here: the network reads more types. */
async function sizeOf(content: Blob): Promise<Partial<Size>> {
  const bitmap = await createImageBitmap(content).catch(() => undefined);
  if (!bitmap) return {};
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}
