import path from 'node:path';
import { loadKoffi, type Koffi, type NativeLibrary } from './koffi.ts';

/** A library of the operating system. */
export interface SystemLibrary {
  readonly koffi: Koffi;
  readonly library: NativeLibrary;
}

/** A library that cannot be used: its name, and the packages that bring it. */
export interface MissingLibrary {
  readonly file: string;
  /** Instruction for the user: what to install. */
  readonly remedy: string;
  readonly cause: Error;
}

interface Place {
  readonly file: () => string;
  readonly remedy: string;
}

/** Libraries of Kerberos, by platform (`process.platform`). */
const GSS: Readonly<Partial<Record<NodeJS.Platform, Place>>> = {
  linux: {
    file: () => 'libgssapi_krb5.so.2',
    remedy:
      'Install the package libgssapi-krb5-2 (Debian, Ubuntu), krb5-libs (Fedora, RHEL), krb5 (Arch, Alpine: krb5-libs) or krb5 (SUSE)',
  },
  // UNCONFIRMED: not tried on macOS.
  darwin: {
    file: () => '/System/Library/Frameworks/GSS.framework/GSS',
    remedy: 'GSS.framework is a part of macOS',
  },
};

/** Loads the system's GSS-API. */
export function openGssLibrary(): SystemLibrary | MissingLibrary {
  const place = GSS[process.platform];
  if (place !== undefined) return open(place);
  const cause = new Error(`Not available on ${process.platform}`);
  return { file: 'GSS-API', remedy: 'Kerberos is used through SSPI on Windows', cause };
}

/** Loads the system's SSPI. */
export function openSspiLibrary(): SystemLibrary | MissingLibrary {
  if (process.platform === 'win32') return openWindowsLibrary('secur32.dll');
  const cause = new Error(`Not available on ${process.platform}`);
  return { file: 'secur32.dll', remedy: 'SSPI exists on Windows only', cause };
}

/**
 * Loads a library of Windows by its absolute path below System32: a library of that name beside the
 * program or in PATH must not be loaded.
 */
export function openWindowsLibrary(file: string): SystemLibrary | MissingLibrary {
  if (process.platform === 'win32') {
    const place = path.win32.join(systemRoot(), 'System32', file);
    return open({ file: () => place, remedy: `${file} is a part of Windows` });
  }
  const cause = new Error(`Not available on ${process.platform}`);
  return { file, remedy: `${file} exists on Windows only`, cause };
}

function open({ file, remedy }: Place): SystemLibrary | MissingLibrary {
  const koffi = loadKoffi();
  if (koffi instanceof Error) {
    return { file: 'koffi', remedy: 'Reinstall Refpoint for this platform', cause: koffi };
  }
  const name = file();
  try {
    return { koffi, library: koffi.load(name) };
  } catch (error) {
    return { file: name, remedy, cause: error as Error };
  }
}

function systemRoot(): string {
  const root = process.env['SystemRoot'] ?? '';
  return path.win32.isAbsolute(root) ? root : 'C:\\Windows';
}
