import { isEngineError } from '../../../../base/errors.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { FSCTL, IOCTL, IS_FSCTL, type IoctlRequest } from '../../codec/files/ioctl.ts';
import { NO_FILE } from '../../codec/protocol/file-id.ts';
import { VALIDATE_NEGOTIATE } from '../../codec/session/validate-negotiate.ts';
import { joined } from '../wire/pieces.ts';
import type { Answer } from '../connection/pending.ts';
import type { SmbConnection } from '../connection/smb-connection.ts';

/**
 * Compares what both sides recall of the negotiation (MS-SMB2 3.2.5.5), in a signed exchange, since
 * somebody in between may have removed dialects or capabilities from it. Any other answer than the
 * same facts ends the connection: throws `smb.downgrade`.
 * @param ask sends an IOCTL to a share of the session, signed or encrypted
 */
export async function validateNegotiation(
  connection: SmbConnection,
  ask: (request: IoctlRequest) => Promise<Answer>,
): Promise<void> {
  const { request, response } = connection.negotiated;
  const failed = (why: string): Error => {
    const error = smbError(
      'smb.downgrade',
      `The negotiation with ${connection.host} was changed on the way: ${why}`,
      { data: { host: connection.host } },
    );
    connection.close(error);
    return error;
  };
  const answer = await ask({
    code: FSCTL.validateNegotiateInfo,
    fileId: NO_FILE,
    input: VALIDATE_NEGOTIATE.encodeInput(request),
    maxInputResponse: 0,
    maxOutputResponse: VALIDATE_NEGOTIATE.outputBytes,
    flags: IS_FSCTL,
  }).catch((error: unknown) => {
    // A server that recalls another negotiation closes the connection (MS-SMB2 3.3.5.15.12).
    if (!isEngineError(error, 'smb.lost')) throw error;
    throw failed('the server closed the connection instead of confirming it');
  });
  if (answer.header.status !== 0) throw failed(`status 0x${answer.header.status.toString(16)}`);
  const { output } = IOCTL.decodeResponse(joined(answer.pieces));
  const found = VALIDATE_NEGOTIATE.decodeOutput(output);
  for (const name of ['capabilities', 'serverGuid', 'securityMode', 'dialect'] as const) {
    if (found[name] !== response[name]) {
      throw failed(`${name} was ${found[name]} at the server, and arrived as ${response[name]}`);
    }
  }
}
