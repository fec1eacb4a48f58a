import { COMMAND } from '../../codec/protocol/constants.ts';
import type { CommandWords } from './command-words.ts';
import {
  closeWords,
  createWords,
  flushWords,
  ioctlWords,
  readWords,
  writeWords,
} from './file-words.ts';
import {
  changeNotifyWords,
  lockWords,
  queryDirectoryWords,
  queryInfoWords,
  setInfoWords,
} from './query-words.ts';
import { negotiateWords, sessionSetupWords, treeConnectWords } from './session-words.ts';

/** Words of the commands that have facts of their own; the others have a header only. */
export const WORDS: ReadonlyMap<number, CommandWords> = new Map<number, CommandWords>([
  [COMMAND.negotiate, negotiateWords],
  [COMMAND.sessionSetup, sessionSetupWords],
  [COMMAND.treeConnect, treeConnectWords],
  [COMMAND.create, createWords],
  [COMMAND.close, closeWords],
  [COMMAND.flush, flushWords],
  [COMMAND.read, readWords],
  [COMMAND.write, writeWords],
  [COMMAND.lock, lockWords],
  [COMMAND.ioctl, ioctlWords],
  [COMMAND.queryDirectory, queryDirectoryWords],
  [COMMAND.changeNotify, changeNotifyWords],
  [COMMAND.queryInfo, queryInfoWords],
  [COMMAND.setInfo, setInfoWords],
]);
