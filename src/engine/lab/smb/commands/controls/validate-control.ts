import type { Buffer } from 'node:buffer';
import { DIALECT } from '../../../../net/smb/codec/protocol/constants.ts';
import { VALIDATE_NEGOTIATE } from '../../../../net/smb/codec/session/validate-negotiate.ts';
import { Disconnect, StatusError } from '../../contract/status-error.ts';
import { SERVER_STATUS as STATUS } from '../../contract/server-status.ts';
import type { SmbRequest } from '../contract/request.ts';

/**
 * FSCTL_VALIDATE_NEGOTIATE_INFO (MS-SMB2 3.3.5.15.12): ends the connection if the client recalls another
 * NEGOTIATE than the server, if the request is not protected, or with 3.1.1, which needs none.
 */
export function validateNegotiate(
  { negotiated, server, isSigned, isEncrypted }: SmbRequest,
  input: Buffer,
  most: number,
): Buffer {
  if (negotiated.dialect === DIALECT.smb311) throw new Disconnect('VALIDATE_NEGOTIATE with 3.1.1');
  if (!isSigned && !isEncrypted) throw new Disconnect('VALIDATE_NEGOTIATE without a signature');
  if (most < VALIDATE_NEGOTIATE.outputBytes) throw new StatusError(STATUS.invalidParameter);
  const recalled = VALIDATE_NEGOTIATE.decodeInput(input);
  const same =
    recalled.capabilities === negotiated.clientCapabilities &&
    recalled.clientGuid === negotiated.clientGuid &&
    recalled.securityMode === negotiated.clientSecurityMode &&
    recalled.dialects.join() === negotiated.clientDialects.join();
  if (!same) throw new Disconnect('the client recalls another NEGOTIATE');
  return VALIDATE_NEGOTIATE.encodeOutput({
    capabilities: negotiated.serverCapabilities,
    serverGuid: server.host.serverGuid,
    securityMode: negotiated.serverSecurityMode,
    dialect: negotiated.dialect,
  });
}
