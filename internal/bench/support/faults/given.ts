/** The key that every server accepts. */
export const KEY = 'test#test-key';
/** What tells the key from everything else that is sent. */
export const SECRET = 'test-key';

/** A file to upload: nothing looks into it. */
export const PICTURE = new Blob(
  [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, ...new Array(100).fill(1)])],
  {
    type: 'image/png',
  },
);
