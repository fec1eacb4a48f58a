import { NS } from '../names.ts';

/** Actions of a shell (MS-WSMV 3.1.4.10 to 3.1.4.14, WS-Transfer). */
export const SHELL_ACTION = {
  create: `${NS.transfer}/Create`,
  remove: `${NS.transfer}/Delete`,
  command: `${NS.shell}/Command`,
  send: `${NS.shell}/Send`,
  receive: `${NS.shell}/Receive`,
  signal: `${NS.shell}/Signal`,
} as const;

/** Codes of a signal (MS-WSMV 2.2.4.38). */
export const SIGNAL = {
  terminate: `${NS.shell}/signal/terminate`,
  ctrlC: `${NS.shell}/signal/ctrl_c`,
  ctrlBreak: `${NS.shell}/signal/ctrl_break`,
} as const;

/** States of a command (MS-WSMV 2.2.4.11). */
export const COMMAND_STATE = {
  running: `${NS.shell}/CommandState/Running`,
  pending: `${NS.shell}/CommandState/Pending`,
  done: `${NS.shell}/CommandState/Done`,
} as const;

/** Name of the selector that names a shell. */
export const SHELL_ID = 'ShellId';
