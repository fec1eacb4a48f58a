/**
 * Follows a call that creates an object on the host. Each callback is awaited before the call
 * continues, so that the ledger shows how far an interrupted call came.
 */
export interface CallWatch {
  /** The call is about to be sent, perhaps again. */
  asking(): Promise<void>;
  /** The host has started a job for the call. @param job its object path. */
  started(job: string): Promise<void>;
  /** The host has refused the call and does nothing. */
  refused(): Promise<void>;
}
