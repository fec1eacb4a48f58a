import { isEngineError } from '../../base/errors.ts';
import { enablePrivilege, isElevated, MANAGE_VOLUME } from '../../win32/process/token.ts';
import { virtdiskError } from '../contract/virtdisk-errors.ts';

/**
 * Enables the rights of the process, or throws. A test replaces it, since Wine's tokens are always
 * elevated.
 */
export type Rights = () => void;

/** Enables what attaching needs. Throws `virtdisk.notElevated`. */
export function requireAttachRights(): void {
  if (!isElevated()) throw notElevated(undefined);
  try {
    enablePrivilege(MANAGE_VOLUME);
  } catch (error) {
    if (isEngineError(error, 'win32.privilege')) throw notElevated(error);
    throw error;
  }
}

const notElevated = (cause: unknown): Error =>
  virtdiskError(
    'virtdisk.notElevated',
    'Attaching a virtual disk needs administrator rights: start the program as administrator',
    { data: { privilege: MANAGE_VOLUME }, ...(cause !== undefined && { cause }) },
  );
