import { MAX_PIXELS, MAX_UPLOAD_BYTES } from '../shared/picture-rules.ts';

/** How much a visitor may ask of the server. */
export interface DemoLimits {
  /** Submits per window of one visitor. Default 60. */
  tasks: number;
  /** Uploads per window of one visitor. Default 60. */
  files: number;
  /** Attempts to sign in per window from one address. Default 20. */
  signIns: number;
  /** Length of the window of `tasks`, `files` and `signIns`, in milliseconds. Default: one minute. */
  windowMs: number;
  /** Size of an upload, in bytes. Default 50 MB. */
  uploadBytes: number;
  /** Pixels of a picture, all its frames together. Default 67 million, what the network takes. */
  picturePixels: number;
  /** Size of a JSON body, in bytes. Default 100 kB. */
  jsonBytes: number;
  /** Tasks per event stream; more are ignored. Default 50. */
  followedTasks: number;
  /** How long an event stream stays open, in milliseconds; the page then opens another. Default: one hour. */
  streamMs: number;
  /** How often an event stream sends a comment, so that proxies do not close it, in milliseconds. Default: 15 s. */
  keepAliveMs: number;
  /** How long a submit is repeated while the network is away or has no room, in milliseconds: then the visitor is told. Default: 15 s. */
  submitTimeoutMs: number;
  /** How long the network may take to report its status, in milliseconds. Default: 4 s. */
  networkTimeoutMs: number;
  /** For how long pages share one answer about the network, in milliseconds. Default: 1 s. */
  networkFreshMs: number;
}

export const defaultLimits: DemoLimits = {
  tasks: 60,
  files: 60,
  signIns: 20,
  windowMs: 60_000,
  uploadBytes: MAX_UPLOAD_BYTES,
  jsonBytes: 100_000,
  followedTasks: 50,
  streamMs: 3_600_000,
  keepAliveMs: 15_000,
  submitTimeoutMs: 15_000,
  networkTimeoutMs: 4000,
  networkFreshMs: 1000,
  picturePixels: MAX_PIXELS,
};
