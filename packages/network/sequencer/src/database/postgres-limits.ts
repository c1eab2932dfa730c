/** How long things may take. A network that drops packets silently must not stop anyone for longer. In milliseconds. */
export interface PostgresLimits {
  /** Connecting, and waiting for a free connection. */
  connectMs: number;
  /** One statement. */
  statementMs: number;
  /** Time between two looks whether the connection that listens still works, while it does. */
  pulseMs: number;
  /** How long the answer to such a look may take. */
  pingMs: number;
  /** How long a read-only server is waited for at the start. */
  standbyMs: number;
  /** How long another process may hold the lock of the setup. */
  lockMs: number;
  /** How long the session of a setup may rest between two statements: a sequencer that is gone must not keep the lock. */
  setupIdleMs: number;
  /** How long statements in flight may go on after `close()`. */
  closeMs: number;
}

export const POSTGRES_LIMITS: PostgresLimits = {
  connectMs: 5000,
  statementMs: 8000,
  pulseMs: 500,
  pingMs: 5000,
  standbyMs: 30_000,
  lockMs: 600_000,
  setupIdleMs: 10_000,
  closeMs: 1000,
};

/** Statements of the setup: a new index of a large table takes minutes. */
export const SETUP_STATEMENT_MS = 3_600_000;
