import type { Command } from '../../contract/command.ts';
import { CHANGES } from '../changes.ts';
import { CHECKPOINT_COMMANDS } from '../checkpoint.ts';
import { EXPORT_COMMANDS } from '../export.ts';
import { LEDGER_COMMANDS } from '../ledger.ts';
import { POINT_COMMANDS } from '../point.ts';
import { RESTORE_COMMAND } from '../store/restore.ts';
import { BACKUP_COMMANDS } from './backup.ts';
import { CLEAN_COMMANDS } from './clean.ts';

/** Commands that back up VMs, restore them, and show or remove what backups leave on a host. */
export const VM_COMMANDS: readonly Command[] = [
  CHANGES,
  ...POINT_COMMANDS,
  ...CHECKPOINT_COMMANDS,
  ...BACKUP_COMMANDS,
  ...EXPORT_COMMANDS,
  ...CLEAN_COMMANDS,
  ...LEDGER_COMMANDS,
  RESTORE_COMMAND,
];
