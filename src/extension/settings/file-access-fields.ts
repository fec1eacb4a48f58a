import { SMB_ENCRYPTIONS, type SmbSettings } from '../../engine/api/host.ts';

/** The settings of a host about access to its files over SMB. */
interface FileAccess {
  readonly smbPort: number | undefined;
  readonly smbEncryption: SmbSettings['encryption'] | undefined;
  readonly fileServers: readonly string[] | undefined;
}

/** Reads the settings, which are written by hand: values that are not valid are ignored. */
export function toFileAccess(fields: Readonly<Record<string, unknown>>): FileAccess {
  const { smbPort: port, smbEncryption, fileServers } = fields;
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535;
  const names = Array.isArray(fileServers) ? fileServers.filter(isServerName) : [];
  return {
    smbPort: isPort ? port : undefined,
    smbEncryption: SMB_ENCRYPTIONS.find((each) => each === smbEncryption),
    fileServers: names.length === 0 ? undefined : names,
  };
}

/** Whether a text is a name or an address of a server. */
export const isServerName = (name: unknown): name is string =>
  typeof name === 'string' && /^(?:[\w.-]{1,255}|[0-9a-f]*:[0-9a-f:.]*)$/i.test(name);
