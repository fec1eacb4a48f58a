/** Times and sizes of one post, filled while it runs; the legs of a login count as a part of it. */
export interface ExchangeMarks {
  /** Number of the connection in its pool, from 1; 0 before one was free. */
  connection: number;
  /** Times of performance.now; null before they happened. The last request of the post counts. */
  queued: number | null;
  sent: number | null;
  firstByte: number | null;
  /** Bytes of the bodies on the wire. */
  sentBytes: number;
  receivedBytes: number;
  /** HTTP status of the last answer; 0 without an answer. */
  status: number;
}

export const newMarks = (): ExchangeMarks => ({
  connection: 0,
  queued: null,
  sent: null,
  firstByte: null,
  sentBytes: 0,
  receivedBytes: 0,
  status: 0,
});
