import { isEngineError } from '../../base/errors.ts';
import type { Defect } from './defect.ts';

/** The part of a file that a check reads, and the document that describes it. */
interface GuardedPart {
  readonly structure: string;
  readonly section: string;
}

/** Turns a failed read of a part into a defect, and ends the check of the part. */
export async function* guarded(
  defects: AsyncIterable<Defect>,
  { structure, section }: GuardedPart,
  signal: AbortSignal,
): AsyncGenerator<Defect> {
  try {
    yield* defects;
  } catch (error) {
    signal.throwIfAborted();
    if (!isEngineError(error)) throw error;
    const { code, message, data } = error;
    const offset = typeof data['offset'] === 'number' ? data['offset'] : 0;
    const about = { found: 'unreadable', expected: 'readable bytes', section };
    yield { code, structure, offset, text: message, ...about };
  }
}
