import { testSmb } from '../../../operations/host/test-smb.ts';
import type { Command } from '../../contract/command.ts';
import { HOST_OPTIONS, loginOf } from '../../options/host-options.ts';
import { SMB_OPTIONS, smbOptionsOf } from '../../options/smb-options.ts';
import { TRACE_OPTION } from '../../options/trace-option.ts';
import { facts } from '../../terminal/text.ts';

const { user, auth, timeout } = HOST_OPTIONS;
const LOGIN_OPTIONS = {
  ...(user && { user }),
  ...(auth && { auth }),
  ...(timeout && { timeout }),
  ...Object.fromEntries(
    ['no-ntlm-fallback', 'password-stdin', 'credential-file'].flatMap((name) => {
      const option = HOST_OPTIONS[name];
      return option === undefined ? [] : [[name, option] as const];
    }),
  ),
};

export const SMB_COMMANDS: readonly Command[] = [
  {
    name: 'smb test',
    summary: 'Logs in to a file server, and prints how its messages are protected.',
    args: [{ name: 'PLACE', help: 'a server, hv01, or a share of it, \\\\hv01\\vms' }],
    options: { ...LOGIN_OPTIONS, ...SMB_OPTIONS, ...TRACE_OPTION },
    async run(context) {
      const request = {
        place: context.args[0] ?? '',
        ...(await loginOf(context)),
        ...smbOptionsOf(context),
      };
      const result = await testSmb(request, context.signal, context.trace);
      context.print(result, () =>
        [
          facts([
            ['server', result.server],
            ['dialect', `SMB ${result.dialect}`],
            ['signing', result.signing],
            ['encryption', encryptionText(result)],
            ['login', `${result.mechanism} as ${result.account || 'the current user'}`],
            ['share', [result.share ?? '(not named)', ...result.shareFlags].join(', ')],
            ['reads', `at most ${result.maxRead} bytes, ${result.credits} credits`],
            ['shared virtual disks', RSVD[String(result.rsvd)] ?? ''],
          ]),
          ...result.findings.map(({ severity, message }) => `${severity}: ${message}`),
        ].join('\n'),
      );
      return result.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
    },
  },
];

const RSVD: Readonly<Record<string, string>> = { true: 'yes', false: 'no', null: 'not known' };

function encryptionText({ sealed, cipher }: { sealed: boolean; cipher: string | null }): string {
  if (cipher === null) return 'none: the server cannot encrypt';
  return sealed ? cipher : `not used (${cipher} is possible)`;
}
