import type { ErrorCode } from '../../engine/api/codes.ts';
import { BACKUP_ERRORS } from './areas/backup-errors.ts';
import { CONNECTION_ERRORS } from './areas/connection-errors.ts';
import { DISK_ERRORS } from './areas/disk-errors.ts';
import { HOST_ERRORS } from './areas/host-errors.ts';
import { PROGRAM_ERRORS } from './areas/program-errors.ts';
import { SMB_ERRORS } from './areas/smb-errors.ts';
import { STORE_ERRORS } from './areas/store-errors.ts';
import { WINDOWS_ERRORS } from './areas/windows-errors.ts';
import type { ErrorMeaning } from './areas/error-meaning.ts';

/** By code, or by the words that codes begin with; the longest that fits counts. Every code of the engine fits one. */
const MEANINGS = {
  ...CONNECTION_ERRORS,
  ...SMB_ERRORS,
  ...HOST_ERRORS,
  ...BACKUP_ERRORS,
  ...STORE_ERRORS,
  ...DISK_ERRORS,
  ...PROGRAM_ERRORS,
  ...WINDOWS_ERRORS,
};

/** A code, and each row of words that it begins with: `a`, `a.b` and `a.b.c` of `a.b.c`. */
type Beginnings<Code extends string> = Code extends `${infer Head}.${infer Rest}`
  ? Head | `${Head}.${Beginnings<Rest>}`
  : Code;

/** Codes of the engine that no row of the table fits. */
type Unexplained = {
  [Code in ErrorCode]: Extract<Beginnings<Code>, keyof typeof MEANINGS> extends never
    ? Code
    : never;
}[ErrorCode];

/** Does not compile if a code of the engine has no meaning here; the message names it. */
type Exhaustive<Missing extends never> = [Missing] extends [never]
  ? Readonly<Record<string, ErrorMeaning>>
  : never;

export const ERROR_MEANINGS: Exhaustive<Unexplained> = MEANINGS;
