import { isEngineError, type EngineError } from '../../base/errors.ts';
import { alignDown, type Range } from '../../base/range.ts';
import type { DiskImage, LayerExtent, LostExtent } from '../image/image.ts';

/** Smallest part whose tables are asked for separately, for images without blocks. */
const UNIT = 1024 * 1024;

/**
 * Yields the extents of one layer like `surveyedIn`, but goes on behind tables that the medium
 * cannot read: the parts of the disk that they describe are lost. Narrows each failure down to one
 * block, and asks for twice as much after each success.
 */
export async function* resiliently(
  layer: DiskImage,
  ranges: readonly Range[],
  signal: AbortSignal,
): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
  let rest = ranges;
  for (;;) {
    let reached = rest[0]?.start ?? 0;
    let failure: EngineError | undefined;
    try {
      for await (const batch of layer.surveyedIn(rest, signal)) {
        yield batch;
        reached = batch.at(-1)?.end ?? reached;
      }
    } catch (error) {
      failure = engineError(error, signal);
    }
    if (failure === undefined) return;
    const passed = { to: reached };
    yield* pastFailure(layer, behind(rest, reached), passed, signal);
    rest = behind(rest, passed.to);
    if (rest.length === 0) return;
  }
}

/** Yields the parts up to the end of the unreadable place; sets `passed.to` to that end. */
async function* pastFailure(
  layer: DiskImage,
  ranges: readonly Range[],
  passed: { to: number },
  signal: AbortSignal,
): AsyncGenerator<readonly (LayerExtent | LostExtent)[]> {
  const unit = Math.max(layer.blockSize ?? UNIT, layer.logicalSectorSize);
  let failed = false;
  let size = unit;
  let rest = ranges;
  while (rest[0] !== undefined) {
    const [first] = rest;
    const to = Math.min(first.end, alignDown(first.start, unit) + size);
    const part = { start: first.start, end: to };
    const extents = await surveyed(layer, part, signal);
    if (Array.isArray(extents)) {
      yield extents;
      passed.to = to;
      // Behind the unreadable place everything is streamed again.
      if (failed) return;
      size *= 2;
    } else if (size > unit) {
      size /= 2;
      continue;
    } else {
      failed = true;
      yield [{ ...part, kind: 'lost', error: extents }];
      passed.to = to;
    }
    rest = behind(rest, to);
  }
}

async function surveyed(
  layer: DiskImage,
  part: Range,
  signal: AbortSignal,
): Promise<(LayerExtent | LostExtent)[] | EngineError> {
  const out: (LayerExtent | LostExtent)[] = [];
  try {
    for await (const batch of layer.surveyedIn([part], signal)) {
      for (const extent of batch) out.push(extent);
    }
    return out;
  } catch (error) {
    return engineError(error, signal);
  }
}

function engineError(error: unknown, signal: AbortSignal): EngineError {
  signal.throwIfAborted();
  if (isEngineError(error)) return error;
  throw error;
}

/** Returns the parts of ordered ranges behind an offset. */
function behind(ranges: readonly Range[], at: number): readonly Range[] {
  return ranges
    .filter(({ end }) => end > at)
    .map(({ start, end }) => ({ start: Math.max(start, at), end }));
}
