import type { Command } from '../../contract/command.ts';
import { CONVERT } from './convert.ts';
import { CREATE } from './create.ts';
import { MERGE } from './merge.ts';
import { REBASE } from './rebase.ts';
import { REPAIR } from './repair.ts';
import { RESCUE } from './rescue.ts';

/** Commands that write disk images. */
export const DISK_WRITE_COMMANDS: readonly Command[] = [
  CONVERT,
  CREATE,
  MERGE,
  REBASE,
  REPAIR,
  RESCUE,
];
