import { useIsMutating, useMutation } from '@tanstack/react-query';
import type { FileValue } from '../../shared/api.ts';
import { size } from '../lib/words.ts';
import { api } from './api.ts';
import { useVisitor } from './queries.ts';

const UPLOAD = ['upload'];

/** A file that somebody chose or made. */
export interface ChosenFile {
  content: Blob;
  name: string;
}

/** Uploads files at once, as they are chosen; `onStored` gets what the option is set to. */
export function useUpload(onStored: (value: FileValue) => void) {
  const { data: visitor } = useVisitor();
  return useMutation({
    mutationKey: UPLOAD,
    mutationFn: async (file: ChosenFile) => {
      checkSize(file, visitor?.limits.uploadBytes);
      onStored(await store(file));
    },
  });
}

/** Whether an upload is in flight: a form waits for it. */
export const useIsUploading = () => useIsMutating({ mutationKey: UPLOAD }) > 0;

/** @throws {Error} before anything is sent */
function checkSize({ content, name }: ChosenFile, most = Number.POSITIVE_INFINITY): void {
  if (content.size <= most) return;
  throw new Error(
    `${name}: This file has ${size(content.size)}; the limit is ${most / 1e6} MB. Save it as JPEG or WebP, or make it smaller.`,
  );
}

/** @throws {Error} which file was refused, and why */
async function store({ content, name }: ChosenFile): Promise<FileValue> {
  const stored = await api.upload(content).catch((error: Error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
  return { ...stored, name };
}
