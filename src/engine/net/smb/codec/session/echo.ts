import { COMMAND } from '../protocol/constants.ts';
import { emptyCommand } from '../protocol/empty-body.ts';

/** ECHO (MS-SMB2 2.2.28, 2.2.29): asks whether the server is still there. */
export const ECHO = emptyCommand(COMMAND.echo, 'ECHO');
