import type { JsonFields } from '../../base/json-fields.ts';
import { HYPERV_WRITER, type WriterStatus } from '../model.ts';
import { vssError } from '../vss-errors.ts';
import { requireWriters, type VssStep } from '../vss-failure.ts';
import { readStatus } from './read-results.ts';

/**
 * Returns the status of the Hyper-V writer. Others do not take part, so theirs does not count. Throws
 * `vss.writer` or `vss.busy` if it has failed or is missing.
 */
export function requireHypervWriter(step: VssStep, result: JsonFields): readonly WriterStatus[] {
  const writers = readStatus(result).filter(({ writer }) => writer === HYPERV_WRITER);
  if (writers.length === 0) {
    throw vssError('vss.writer', `The Hyper-V writer has no status after ${step}`, {
      data: { step, writer: HYPERV_WRITER },
    });
  }
  requireWriters(step, writers);
  return writers;
}
