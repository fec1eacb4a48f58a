import { Buffer } from 'node:buffer';
import { structure } from '../layout/structure.ts';

/** Common part of META_OPERATION_START; the data of the operation follows. */
export const META_START = structure('SVHDX_META_OPERATION_START_REQUEST', '2.2.4.17', 24, {
  transactionId: [0, 'guid', 'TransactionId'],
  type: [16, 'u32', 'OperationType'],
});

export const META = {
  resize: 0,
  createSnapshot: 1,
  optimize: 2,
  extract: 3,
  convert: 4,
  apply: 5,
} as const;

/** Bytes of the shortest input of each type, tunnel header and common part included. */
export const META_INPUT: Readonly<Record<number, number>> = {
  [META.resize]: 52,
  [META.createSnapshot]: 92,
  [META.optimize]: 40,
  [META.extract]: 88,
  [META.convert]: 44,
  [META.apply]: 60,
};

/** Request of META_OPERATION_QUERY_PROGRESS. */
export const PROGRESS_REQUEST = structure(
  'SVHDX_META_OPERATION_QUERY_PROGRESS_REQUEST',
  '2.2.4.23',
  16,
  { transactionId: [0, 'guid', 'TransactionId'] },
);

/** Answer to META_OPERATION_QUERY_PROGRESS: done if both are equal. */
export const PROGRESS = structure('SVHDX_META_OPERATION_QUERY_PROGRESS_RESPONSE', '2.2.4.24', 16, {
  current: [0, 'u64', 'CurrentProgressValue'],
  complete: [8, 'u64', 'CompleteValue'],
});

/** Returns the payload of META_OPERATION_START. */
export const metaPayload = (
  transactionId: Parameters<typeof META_START.encode>[0]['transactionId'],
  type: number,
  data: Buffer = Buffer.alloc(0),
): Buffer => Buffer.concat([META_START.encode({ transactionId, type }), data]);
