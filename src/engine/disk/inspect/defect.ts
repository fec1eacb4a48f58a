import type { ErrorCode } from '../../api/codes.ts';
import type { EngineError, ErrorData, ErrorDetails } from '../../base/errors.ts';
import type { StartLength } from '../../base/range.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * One broken rule of a format, as data: readers throw it as an error, the anatomy marks the field,
 * the checker lists it. Nobody reads the words of a message to find out what was meant.
 */
export interface Defect<Error extends ErrorCode = ErrorCode> {
  /** Stable name of the rule, for example `vhdx.header.checksum`; begins with the format's name. */
  readonly code: string;
  /** `error` if absent. */
  readonly severity?: Severity;
  /** The error with which a reader refuses the file; absent: readers accept it. */
  readonly error?: Error;
  /** Name of the structure in messages: `VHDX header 2`. */
  readonly structure: string;
  /** Name of the field in the structure's table; absent: the structure as a whole. */
  readonly field?: string;
  /** Offset of the field in the file, in bytes. */
  readonly offset: number;
  /** Text of the file is made printable before it comes here. */
  readonly found: string | number;
  readonly expected: string | number;
  /** Document and section of the rule: `MS-VHDX 2.2.2`. */
  readonly section: string;
  /** Whole message, for a rule that “the field is … expected …” does not say. */
  readonly text?: string;
  /** The part of the virtual disk that it hits. */
  readonly range?: StartLength;
  /** Further facts for the data of the error. */
  readonly data?: ErrorData;
}

/** Describes a defect in one sentence, without a full stop. */
export function describeDefect(defect: Omit<Defect, 'code' | 'section'>): string {
  const { structure, field, offset, found, expected, text } = defect;
  if (text !== undefined) return text;
  const what = field === undefined ? '' : `: ${field}`;
  return `${structure} at ${offset}${what} is ${found}; ${expected} was expected`;
}

/** Makes the errors of a format: a factory of `defineErrors`, or several. */
type MakeError<Code extends ErrorCode> = (
  code: Code,
  message: string,
  details: ErrorDetails,
) => EngineError;

/**
 * Returns the error with which a reader refuses a file because of `defect`.
 * @param make the error factory of the format
 */
export function defectError<Code extends ErrorCode>(
  make: MakeError<Code>,
  defect: Defect<Code> & { readonly error: Code },
): EngineError {
  const { error, offset, found, expected, data } = defect;
  return make(error, describeDefect(defect), { data: { offset, found, expected, ...data } });
}

/** Whether a reader must refuse the file. */
export const refuses = <Code extends ErrorCode>(
  defect: Defect<Code>,
): defect is Defect<Code> & { readonly error: Code } => defect.error !== undefined;

/** Throws the first of the defects that a reader must not accept. */
export function throwFirst<Code extends ErrorCode>(
  make: MakeError<Code>,
  defects: Iterable<Defect<Code>>,
): void {
  for (const defect of defects) if (refuses(defect)) throw defectError(make, defect);
}
