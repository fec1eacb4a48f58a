import type { Command } from '../contract/command.ts';
import { GROUP_COMMANDS } from './group.ts';
import { HOST_COMMANDS } from './host.ts';
import { RSVD_COMMANDS } from './rsvd/rsvd.ts';
import { SMB_COMMANDS } from './smb/smb-test.ts';
import { VSS_COMMANDS } from './vss/vss.ts';

/** Commands that show what a host has, and those on its shared disks. */
export const COMMANDS_OF_HOSTS: readonly Command[] = [
  ...HOST_COMMANDS,
  ...SMB_COMMANDS,
  ...VSS_COMMANDS,
  ...GROUP_COMMANDS,
  ...RSVD_COMMANDS,
];
