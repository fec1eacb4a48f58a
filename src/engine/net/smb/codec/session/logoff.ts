import { COMMAND } from '../protocol/constants.ts';
import { emptyCommand } from '../protocol/empty-body.ts';

/** LOGOFF (MS-SMB2 2.2.7, 2.2.8): ends the session that the header names. */
export const LOGOFF = emptyCommand(COMMAND.logoff, 'LOGOFF');
