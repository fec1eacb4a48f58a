import { isEngineError, type ErrorData } from '../../base/errors.ts';
import type { StartLength } from '../../base/range.ts';
import { parseSafeInteger } from '../../base/bytes/u64.ts';
import { isCimError } from '../../cim/cim-errors.ts';
import type { CimClient } from '../../cim/client.ts';
import type { CallResult } from '../calls/invoke.ts';
import type { ArgumentsOf } from '../calls/operation.ts';
import { OPERATION } from '../calls/operations.ts';
import { question } from '../calls/question.ts';
import { hostError } from '../hyperv-errors.ts';
import { meaningOf } from '../return-values.ts';

/** One answer of GetVirtualDiskChanges, unprocessed. */
export interface DiskChanges {
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}

const METHOD = OPERATION.getVirtualDiskChanges.method;

/**
 * Queries once the ranges of virtual bytes in `[offset, offset + length)` that changed since an RCT
 * ID was sealed, up to the state of the frozen file. The two arrays are parallel; an empty result
 * omits both. TargetSnapshotId is sent for VHD Sets only. Throws `host.tracking` if the return
 * value or the job fails: the ID or the tracking is not valid (the codes of a real host are
 * UNCONFIRMED). Also throws it if the answer may exceed an envelope: the caller may then query a
 * smaller range.
 */
export async function queryDiskChanges(
  client: CimClient,
  query: {
    readonly path: string;
    readonly rctId: string;
    readonly offset: number;
    readonly length: number;
    /** Only for VHD Sets: the snapshot up to which changes are returned. */
    readonly targetSnapshotId?: string | undefined;
  },
  signal: AbortSignal,
): Promise<DiskChanges> {
  const { path, rctId, offset, length, targetSnapshotId: TargetSnapshotId } = query;
  const args = {
    Path: path,
    LimitId: rctId,
    TargetSnapshotId,
    ByteOffset: offset,
    ByteLength: length,
  };
  const place = { path, rctId, offset, length };
  const result = await answerOf(client, args, place, signal);
  const data = { ...place, code: result.returnValue };
  if (result.returnValue !== 0) {
    throw hostError(
      'host.tracking',
      `The host did not return the changes of ${path} since ${rctId}: ${METHOD} returned ${result.returnValue} (${meaningOf(result.returnValue)})`,
      { data },
    );
  }
  const { out } = result;
  const offsets = out.texts('ChangedByteOffsets');
  const lengths = out.texts('ChangedByteLengths');
  if (offsets.length !== lengths.length) {
    throw hostError(
      'host.tracking',
      `${METHOD} answered ${offsets.length} offsets and ${lengths.length} lengths; expected equal numbers`,
      { data: { ...data, offsets: offsets.length, lengths: lengths.length } },
    );
  }
  return {
    processed: parseSafeInteger(out.text('ProcessedByteLength') ?? '', 'ProcessedByteLength'),
    ranges: offsets.map((text, i) => ({
      start: parseSafeInteger(text, 'ChangedByteOffsets'),
      length: parseSafeInteger(lengths[i] ?? '', 'ChangedByteLengths'),
    })),
  };
}

/** Returns the answer itself; the failure of a job that it began with is one of the tracking. */
async function answerOf(
  client: CimClient,
  args: ArgumentsOf<typeof OPERATION.getVirtualDiskChanges>,
  place: ErrorData & { readonly path: string; readonly length: number },
  signal: AbortSignal,
): Promise<CallResult> {
  try {
    return await question(client, OPERATION.getVirtualDiskChanges, args, signal);
  } catch (error) {
    if (isCimError(error, 'tooLarge')) {
      const message = `The host has more changes of ${place.path} in ${place.length} bytes than fit into one answer`;
      throw hostError('host.tracking', message, { data: place, cause: error });
    }
    if (isEngineError(error, 'host.job.failed', 'host.busy')) {
      throw hostError('host.tracking', error.message, { data: place, cause: error });
    }
    throw error;
  }
}
