import { LOCAL_HOST } from '../../api/host.ts';
import { redactorOf } from '../../net/auth/redact.ts';
import { recordedEnvelope } from '../../net/record/recorded-envelope.ts';
import { PowershellClient } from '../../powershell/client/powershell-client.ts';
import type { Computer } from '../../powershell/client/prepare-shell.ts';
import { powershellError } from '../../powershell/contract/powershell-errors.ts';
import type { Transport, TransportTarget } from './transport.ts';

/** PowerShell's CIM cmdlets: this computer without WinRM, or another one in a CIM session. */
export const POWERSHELL: Transport = {
  name: 'powershell',
  matches: ({ url, transport }) =>
    transport === 'powershell' || (url === LOCAL_HOST && transport !== 'wsman'),
  connect: (target) => {
    const { timeoutSeconds, log, recorder, credential } = target;
    const redact = redactorOf(credential);
    const recording = recorder && {
      recorder,
      clean: (text: string) => recordedEnvelope(text, redact),
    };
    return new PowershellClient({ computer: computerOf(target), timeoutSeconds, log, recording });
  },
};

/** Returns null for this computer. Throws `powershell.connect` for an address instead of a name. */
function computerOf({ url, cimProtocol, credential }: TransportTarget): Computer | null {
  if (url === LOCAL_HOST) return null;
  if (!/^[\w.:-]{1,255}$/.test(url)) {
    throw powershellError(
      'powershell.connect',
      `“${url.replace(/^.*@/s, '…@')}” is not the name of a computer, which PowerShell expects: hv01 or hv01.example.com`,
    );
  }
  const login = credential && {
    user: credential.user,
    reveal: () => credential.password.reveal(),
  };
  return { name: url, protocol: cimProtocol ?? 'wsman', login: login ?? null };
}
