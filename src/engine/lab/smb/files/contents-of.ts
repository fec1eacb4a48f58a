import type { FileHandle } from 'node:fs/promises';
import { SERVER_STATUS as STATUS } from '../contract/server-status.ts';
import { StatusError } from '../contract/status-error.ts';
import type { Open } from './open.ts';

/** Returns the contents of an open file. A folder does not have contents. */
export function contentsOf({ kind, handle }: Open): FileHandle {
  if (handle !== undefined) return handle;
  throw new StatusError(kind === 'file' ? STATUS.accessDenied : STATUS.invalidDeviceRequest);
}
