import type { Command } from '../../contract/command.ts';
import { ATTACH } from '../attach.ts';
import { FILES_COMMANDS } from '../files/files.ts';
import { STORE_COMMANDS } from './store-commands.ts';
import { VERIFY_COMMAND } from './verify.ts';

/** Commands that need a store only. */
export const COMMANDS_OF_STORES: readonly Command[] = [
  ...STORE_COMMANDS,
  VERIFY_COMMAND,
  ...FILES_COMMANDS,
  ATTACH,
];
