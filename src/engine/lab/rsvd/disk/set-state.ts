import { never } from '../../../base/abort.ts';
import type { Guid } from '../../../base/guid.ts';
import { newGuid } from '../../../base/guid.ts';
import { replaceFile } from '../../../source/files/atomic-file.ts';
import { readLabFile, type JsonShape } from '../../state/json-file.ts';

/** A snapshot of a VHD Set. */
export interface SetSnapshot {
  readonly id: Guid;
  /** 1 VM, 3 CDP, 4 writeable. */
  readonly type: number;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Name of the frozen file; '' for a reference without data. */
  file: string;
  /** Generation of change tracking that the snapshot sealed. */
  readonly generation: number;
  /** It was made with change tracking. */
  readonly tracked: boolean;
  /** All stages were done. */
  valid: boolean;
  /** CDP: it belongs to the log that is being written. */
  active: boolean;
  readonly logId: Guid;
}

/** Log-based tracking (CDP); the lab keeps its states and writes no log. */
export interface SetLog {
  status: number;
  logId: Guid;
  logName: string;
  maxSize: number;
  size: number;
}

/** A file of a set and the file that it is a child of ('' for the first one). */
export interface SetFile {
  readonly name: string;
  parent: string;
}

/**
 * Contents of the sidecar beside a VHD Set: nobody outside Microsoft knows where a set keeps its
 * snapshots.
 */
export interface SetState {
  readonly version: 1;
  diskId: string;
  active: string;
  /** Identity of the active file's contents when it was closed. */
  contents: string;
  trackingId: Guid;
  files: SetFile[];
  snapshots: SetSnapshot[];
  log: SetLog;
}

const SHAPE: JsonShape = {
  fields: {
    diskId: 'text',
    active: 'text',
    contents: 'text',
    trackingId: 'text',
    files: { listOf: { fields: { name: 'text', parent: 'text' } } },
    snapshots: {
      listOf: {
        fields: {
          id: 'text',
          type: 'number',
          created: 'number',
          file: 'text',
          generation: 'number',
          tracked: 'flag',
          valid: 'flag',
          active: 'flag',
          logId: 'text',
        },
      },
    },
    log: {
      fields: {
        status: 'number',
        logId: 'text',
        logName: 'text',
        maxSize: 'number',
        size: 'number',
      },
    },
  },
};

/** Returns the name of the sidecar of a set. */
export const sidecarOf = (file: string): string => `${file}.lab.json`;

/** Reads the sidecar; undefined if there is not one. Throws `lab.damaged`. */
export async function readSidecar(file: string): Promise<SetState | undefined> {
  return (await readLabFile(sidecarOf(file), SHAPE)) as SetState | undefined;
}

export async function writeSidecar(file: string, state: SetState): Promise<void> {
  await replaceFile(
    sidecarOf(file),
    Buffer.from(`${JSON.stringify(state, undefined, 1)}\n`),
    never,
  );
}

/** Returns the state of a set without snapshots. */
export const newSetState = (active: string, diskId: string, noLog: SetLog): SetState => ({
  version: 1,
  diskId,
  active,
  contents: '',
  trackingId: newGuid(),
  files: [{ name: active, parent: '' }],
  snapshots: [],
  log: noLog,
});
