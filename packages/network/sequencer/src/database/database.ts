/** Something that runs SQL: the database, or a transaction in it. */
export interface Sql {
  /** Runs a statement, or several in one text if there are no values. Returns the rows. */
  // biome-ignore lint/suspicious/noExplicitAny: rows have the shape that their query asks for
  query<Row = any>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** What listens on a channel. */
interface Subscription {
  /** Whether it is known that everything which was sent until {@link HEARD_WITHIN_MS} ago has been heard. */
  isCurrent(): boolean;
  stop(): Promise<void>;
}

/** How old the latest proof may be that the channel brings everything, in milliseconds. */
export const HEARD_WITHIN_MS = 1500;

/** Messages between the processes that share a database. */
export interface Channel {
  /** Sends a text to every process, including this one. At most 8000 bytes. */
  publish(message: string): Promise<void>;
  /**
   * Listens until `stop()`. A broken connection is opened again.
   *
   * @param onGap - called when messages may have been missed
   */
  subscribe(onMessage: (message: string) => void, onGap: () => void): Promise<Subscription>;
}

/**
 * The sequencer's database. What passes by itself, such as a lost connection or a standby, is a `HeuristError` with code
 * `unavailable`.
 */
export interface Database extends Sql {
  /** Which Postgres it is: embedded in this process, or a server. */
  readonly backend: 'pglite' | 'postgres';
  /** Missing if no other process can have the database open. */
  readonly channel?: Channel;
  /** Everything inside commits together, or not at all. */
  transaction<T>(run: (sql: Sql) => Promise<T>): Promise<T>;
  /**
   * Only one process is inside at a time: for setup at the start.
   *
   * @param run - gets a connection without the time limits of other statements
   */
  exclusively<T>(run: (sql: Sql) => Promise<T>): Promise<T>;
  /** Bytes that are free on its disk. Missing if that is not a disk of this machine. */
  freeBytes?(): Promise<number>;
  close(): Promise<void>;
}
