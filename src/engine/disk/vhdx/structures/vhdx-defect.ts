import { baseError } from '../../../base/base-errors.ts';
import type { CodesOf, EngineError, ErrorDetails } from '../../../base/errors.ts';
import { defectError, refuses, throwFirst, type Defect } from '../../inspect/defect.ts';
import { vhdxError } from './vhdx-errors.ts';

/** Errors of VHDX readers, and those of bytes that end early or hold a number of 2^53 or more. */
type ReaderError = CodesOf<typeof vhdxError> | 'bytes.range' | 'bytes.u64';

/** A broken rule of a VHDX file. */
export type VhdxDefect = Defect<ReaderError>;

/** Makes an error of either factory. */
function make(code: ReaderError, message: string, details: ErrorDetails): EngineError {
  if (code === 'bytes.range' || code === 'bytes.u64') return baseError(code, message, details);
  return vhdxError(code, message, details);
}

/** Throws the first of the defects that a reader must not accept. */
export const refuse = (defects: Iterable<VhdxDefect>): void => throwFirst(make, defects);

/** Returns the error of the first defect that a reader must not accept. */
export function firstError(defects: readonly VhdxDefect[]): EngineError | undefined {
  const defect = defects.find((each) => refuses(each));
  return defect !== undefined && refuses(defect) ? defectError(make, defect) : undefined;
}

/**
 * Returns the defect of bytes that end before their structure does.
 * @param needed length of the structure in bytes
 */
export function tooShort(
  bytes: Uint8Array,
  needed: number,
  structure: string,
  at: number,
  section: string,
): VhdxDefect[] {
  if (bytes.length >= needed) return [];
  const text = `${structure} at ${at} needs ${needed} bytes; there are ${bytes.length}`;
  return [
    {
      code: 'vhdx.truncated',
      error: 'bytes.range',
      structure,
      offset: at,
      found: bytes.length,
      expected: needed,
      section,
      text,
    },
  ];
}

/** Returns the defect of a copy that another one replaces: readers accept the file. */
export function ofReplaced({ error: _error, ...defect }: VhdxDefect): VhdxDefect {
  return { ...defect, severity: 'warning' };
}
