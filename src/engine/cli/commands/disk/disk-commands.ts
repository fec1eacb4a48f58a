import type { Command } from '../../contract/command.ts';
import { DISK_CHECK } from './disk-check.ts';
import { DISK_READ_COMMANDS } from './read-commands.ts';
import { SERVE } from './serve.ts';
import { TRACKING } from './tracking.ts';
import { DISK_WRITE_COMMANDS } from './write-commands.ts';

/** Commands on disk images, in the order of the help. */
export const DISK_COMMANDS: readonly Command[] = [
  DISK_CHECK,
  ...DISK_READ_COMMANDS,
  ...DISK_WRITE_COMMANDS,
  SERVE,
  TRACKING,
];
