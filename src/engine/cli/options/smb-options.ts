import { DEFAULT_SMB, SMB_ENCRYPTIONS, type SmbSettings } from '../../api/host.ts';
import type { Context, OptionSpec } from '../contract/command.ts';
import { choice, wholeNumber } from './option-values.ts';

export const SMB_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'smb-port': {
    type: 'value',
    value: 'N',
    help: `Port of the file server; default ${DEFAULT_SMB.port}.`,
  },
  'smb-encryption': {
    type: 'value',
    value: 'HOW',
    help: 'wanted (default: if the server can), required, or off (signed only).',
  },
};

/** The same for commands that find file servers in what a host reports. */
export const HOST_SMB_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...SMB_OPTIONS,
  'smb-server': {
    type: 'values',
    value: 'NAME',
    help: 'File server that may receive a proof of the password; the host always may.',
  },
};

/** The options of SMB, for a request. */
export function smbOptionsOf(context: Context): Omit<SmbSettings, 'servers'> {
  return {
    port: wholeNumber(context, 'smb-port', 1, 65_535) ?? DEFAULT_SMB.port,
    encryption: choice(context, 'smb-encryption', SMB_ENCRYPTIONS, DEFAULT_SMB.encryption),
  };
}
