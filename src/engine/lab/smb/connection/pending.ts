import { FLAG } from '../../../net/smb/codec/protocol/constants.ts';
import type { SmbHeader } from '../../../net/smb/codec/protocol/header.ts';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Session } from '../sessions/session.ts';

/** A request that is being carried out. */
export interface Running {
  readonly messageId: bigint;
  readonly abort: AbortController;
  /** Set by the interim answer. */
  asyncId: bigint | undefined;
  session: Session | undefined;
}

/** Requests of a connection that are not answered yet, for CANCEL (MS-SMB2 3.3.5.16). */
export class Pending {
  readonly #most: number;
  readonly #running = new Set<Running>();
  #lastAsyncId = 0n;
  #waiting = 0;

  constructor(most: number) {
    this.#most = most;
  }

  begin(messageId: bigint): Running {
    const abort = new AbortController();
    const running: Running = { messageId, abort, asyncId: undefined, session: undefined };
    this.#running.add(running);
    return running;
  }

  /** Gives a request the number of its interim answer. Throws if too many wait. */
  wait(running: Running): bigint {
    if (this.#waiting >= this.#most) throw new StatusError(STATUS.insufficientResources);
    this.#waiting++;
    running.asyncId = ++this.#lastAsyncId;
    return running.asyncId;
  }

  end(running: Running): void {
    if (this.#running.delete(running) && running.asyncId !== undefined) this.#waiting--;
  }

  /** Cancels a request; has no effect if it was answered already. */
  cancel({ flags, asyncId, messageId }: SmbHeader): void {
    const isAsync = (flags & FLAG.async) !== 0;
    for (const running of this.#running) {
      const named = isAsync ? running.asyncId === asyncId : running.messageId === messageId;
      if (named) running.abort.abort(new StatusError(STATUS.cancelled));
    }
  }

  /** Cancels everything. */
  abortAll(reason: Error): void {
    for (const { abort } of this.#running) abort.abort(reason);
  }

  /** Stops what a session waits for. */
  abortSession(session: Session): void {
    for (const running of this.#running) {
      if (running.session === session) {
        running.abort.abort(new StatusError(STATUS.userSessionDeleted));
      }
    }
  }
}
