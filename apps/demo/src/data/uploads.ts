import { useIsMutating, useMutation } from '@tanstack/react-query';
import type { FileValue } from '../../shared/api.ts';
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
  const stored = await api.upload(content).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
  return { ...stored, name };
}
