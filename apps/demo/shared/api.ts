// What crosses between the page and its server.
import type { NetworkStatus, OutputDescription, RecentFailure, WorkflowTaskResult } from '@heurist/core';
import type { ParameterDescription } from '@heurist/core/definition';

/** Size of a picture in pixels, where the page knows it: what is too large can be refused before it is sent. */
interface KnownSize {
  width?: number | undefined;
  height?: number | undefined;
}

/** A file that the page's server has taken: it is a whole picture. */
export interface UploadedFile {
  url: string;
  width: number;
  height: number;
}

/** The value of a file option: an uploaded file, or an output of an earlier task. */
export type FileValue = ({ url: string; name: string } | { task_id: string; output: number }) & KnownSize;

/** The value of an option. */
export type OptionValue = string | number | FileValue;

/** Options of a task, under the names that the package's task class uses. */
export type TaskOptions = Record<string, OptionValue>;

/** One graph of a package. */
export interface WorkflowInfo {
  workflow_id: string;
  title: string;
  /** Option -> what it accepts, in the order of the package. */
  options: Record<string, ParameterDescription>;
  required: string[];
  /** File option -> the parameter it sets, such as `image_url` -> `image`. */
  files: Record<string, string>;
}

/** A workflow package. */
export interface FamilyInfo {
  /** Such as `text2image`. */
  name: string;
  /** Such as `@heurist/text2image`. */
  package: string;
  /** What its tasks are called on the wire, such as `text2image`. */
  task_type: string;
  /** Such as `Text2ImageTask`. */
  task: string;
  title: string;
  /** Name of the first output in the task's result. */
  makes: 'image' | 'video' | 'audio';
  /** The default first. */
  workflows: WorkflowInfo[];
}

/** Body of a submit. */
export interface NewTaskRequest {
  family: string;
  workflow_id: string;
  options: TaskOptions;
  /** Idempotency key: the page makes one per press of the button, so a repeated request creates no second task. */
  job_id: string;
}

/** State of a task. Output URLs point to the page's own server. */
export type TaskState = Omit<WorkflowTaskResult<OutputDescription>, 'result'>;

/** What the network can do. Anyone who knows a task's id may read the task, so ids of other visitors' tasks are left out. */
export type NetworkView = Omit<NetworkStatus, 'recent_failures' | 'dead_webhooks'> & {
  recent_failures: Omit<RecentFailure, 'task_id'>[];
};

/** The same, or a network that does not report its status. */
export type NetworkReply = NetworkView | { isSilent: true };

/** Why a visitor has to sign in. */
export type SignedOutReason = 'none' | 'expired' | 'ended' | 'used-up' | 'signed-out';

/** A refused or failed call. */
export interface ApiError {
  code: string;
  message: string;
  /** With the code `signed_out`. */
  reason?: SignedOutReason;
}

/** Who uses the page, and what the page may ask for. */
export interface VisitorView {
  /** Whom the network or the proxy in front knows; absent on a page that everybody may use. */
  name?: string;
  /** Whether `POST /sign-out` ends the visit. */
  canSignOut: boolean;
  /** Where programs reach the network. */
  networkUrl: string;
  /** Of an upload. */
  limits: { picturePixels: number; uploadBytes: number };
}
