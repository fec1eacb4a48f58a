import { COMMAND } from '../protocol/constants.ts';
import { emptyCommand } from '../protocol/empty-body.ts';

/**
 * CANCEL (MS-SMB2 2.2.30): has the MessageId of the request that it cancels, and its AsyncId if an
 * interim response was sent. It takes no credit and is not answered: the request ends as CANCELLED.
 */
export const CANCEL = emptyCommand(COMMAND.cancel, 'CANCEL');
