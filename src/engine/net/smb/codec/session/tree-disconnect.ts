import { COMMAND } from '../protocol/constants.ts';
import { emptyCommand } from '../protocol/empty-body.ts';

/** TREE_DISCONNECT (MS-SMB2 2.2.11, 2.2.12): leaves the share that the header names. */
export const TREE_DISCONNECT = emptyCommand(COMMAND.treeDisconnect, 'TREE_DISCONNECT');
