import { SmbLink, type LinkOptions } from '../../../src/engine/net/smb/client/link/smb-link.ts';
import type { SambaServer } from './samba-server.ts';

/** A client of a server on this computer, which logs in with NTLM. */
export function linkTo(server: SambaServer, options: Partial<LinkOptions> = {}): SmbLink {
  return new SmbLink({
    host: '127.0.0.1',
    port: server.port,
    deadline: 30_000,
    account: { credential: server.credential, authentication: 'ntlm' },
    encryption: 'wanted',
    ...options,
  });
}
