import { useIsMutating, useMutation } from '@tanstack/react-query';
import type { FileValue } from '../../shared/api.ts';
import { api } from './api.ts';

const UPLOAD = ['upload'];

/** Uploads files at once, as they are chosen; `onStored` gets what the option is set to. */
export function useUpload(onStored: (value: FileValue) => void) {
  return useMutation({
    mutationKey: UPLOAD,
    mutationFn: async ({ content, name }: { content: Blob; name: string }) =>
      onStored({ ...(await api.upload(content)), name }),
  });
}

/** Whether an upload is in flight: a form waits for it. */
export const useIsUploading = () => useIsMutating({ mutationKey: UPLOAD }) > 0;
