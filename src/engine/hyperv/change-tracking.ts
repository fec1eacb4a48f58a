import { isEngineError } from '../base/errors.ts';
import type { StartLength } from '../base/range.ts';
import { parseSafeInteger } from '../base/u64.ts';
import type { WsmanClient } from '../net/wsman/client.ts';
import type { InvokeResult } from '../net/wsman/model.ts';
import { hostError } from './hyperv-errors.ts';
import { meaningOf } from './return-values.ts';
import { CLASS, serviceReference } from './wmi-classes.ts';
import { WmiRecord } from './wmi-record.ts';

/** One answer of GetVirtualDiskChanges, as it came. */
export interface DiskChanges {
  readonly processed: number;
  readonly ranges: readonly StartLength[];
}

const METHOD = 'GetVirtualDiskChanges';

/**
 * Asks once for the ranges of virtual bytes in `[offset, offset + length)` that changed since an RCT id was sealed, up to
 * the state of the frozen file. The two arrays are parallel; an empty result has none. TargetSnapshotId is for VHD Sets and
 * left out. A failing return value means that the id or the tracking is not valid (the codes of a real host are
 * UNCONFIRMED): `host.tracking`. So does a job, since where its arrays would appear is not documented, and an answer that
 * is larger than an envelope may be: less of the disk may be asked for then.
 */
export async function queryDiskChanges(
  client: WsmanClient,
  query: {
    readonly path: string;
    readonly rctId: string;
    readonly offset: number;
    readonly length: number;
  },
  signal: AbortSignal,
): Promise<DiskChanges> {
  const { path, rctId, offset, length } = query;
  const args = { Path: path, LimitId: rctId, ByteOffset: offset, ByteLength: length };
  const place = { path, rctId, offset, length };
  let result: InvokeResult;
  try {
    result = await client.invoke(serviceReference(CLASS.imageService), METHOD, args, signal);
  } catch (error) {
    if (!isEngineError(error, 'wsman.fault.envelopeTooLarge')) throw error;
    const message = `The host has more changes of ${path} in ${length} bytes than one answer holds`;
    throw hostError('host.tracking', message, { data: place, cause: error });
  }
  const data = { ...place, code: result.returnValue };
  if (result.returnValue !== 0) {
    throw hostError(
      'host.tracking',
      `The host gives no changes of ${path} since ${rctId}: ${METHOD} returned ${result.returnValue} (${meaningOf(result.returnValue)})`,
      { data },
    );
  }
  const out = new WmiRecord({ className: METHOD, properties: result.out });
  const offsets = out.texts('ChangedByteOffsets');
  const lengths = out.texts('ChangedByteLengths');
  if (offsets.length !== lengths.length) {
    throw hostError(
      'host.tracking',
      `${METHOD} answered ${offsets.length} offsets and ${lengths.length} lengths, which should be parallel`,
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
