import type { Context, OptionSpec } from '../contract/command.ts';
import { choice, wholeNumber } from './option-values.ts';

export const SMB_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'smb-port': { type: 'value', value: 'N', help: 'Port of the file server; default 445.' },
  'smb-encryption': {
    type: 'value',
    value: 'HOW',
    help: 'wanted (default: if the server can), required, or off (signed only).',
  },
};

/** The options of SMB, for a request. */
export function smbOptionsOf(context: Context): {
  readonly port: number;
  readonly encryption: 'wanted' | 'required' | 'off';
} {
  const choices = ['wanted', 'required', 'off'] as const;
  return {
    port: wholeNumber(context, 'smb-port', 1, 65_535) ?? 445,
    encryption: choice(context, 'smb-encryption', choices, 'wanted'),
  };
}
