/**
 * The security support provider interface of Windows (sspi.h), at the client's end: the user who is
 * logged on, or given credentials, sealed messages. Start reading at `sspi-initiator.ts`.
 * Run under Wine with NTLM only; Kerberos, SPNEGO and the logged-on user are UNCONFIRMED.
 */
import path from 'node:path';
import type { Koffi, NativeFunction, NativeType } from '../../../native/koffi.ts';
import { openSspiLibrary } from '../../../native/system-library.ts';
import { authError } from '../contract/auth-errors.ts';

export interface SspiLibrary {
  readonly koffi: Koffi;
  readonly types: {
    /** SecHandle: `lower`, `upper`. */
    readonly handle: NativeType;
    /** SecBuffer: `size`, `type`, `bytes`. */
    readonly buffer: NativeType;
    /** SecBufferDesc: `version`, `count`, `buffers`. */
    readonly buffers: NativeType;
    /** SEC_WINNT_AUTH_IDENTITY_W. */
    readonly identity: NativeType;
    /** SecPkgInfoW. */
    readonly packageInfo: NativeType;
  };
  readonly calls: Readonly<Record<keyof typeof DECLARATIONS, NativeFunction>>;
  /** Wine reports no attributes of a context, whatever was negotiated. */
  readonly wine: boolean;
}

const DECLARATIONS = {
  acquire:
    'int32_t __stdcall AcquireCredentialsHandleW(void *principal, void *package, uint32_t use, void *logonId, void *identity, void *getKey, void *argument, void *credential, void *expiry)',
  initialize:
    'int32_t __stdcall InitializeSecurityContextW(void *credential, void *context, void *target, uint32_t request, uint32_t reserved1, uint32_t representation, void *input, uint32_t reserved2, void *newContext, void *output, _Out_ uint32_t *attributes, void *expiry)',
  completeToken: 'int32_t __stdcall CompleteAuthToken(void *context, void *token)',
  query:
    'int32_t __stdcall QueryContextAttributesW(void *context, uint32_t attribute, void *value)',
  encrypt:
    'int32_t __stdcall EncryptMessage(void *context, uint32_t quality, void *message, uint32_t sequence)',
  decrypt:
    'int32_t __stdcall DecryptMessage(void *context, void *message, uint32_t sequence, _Out_ uint32_t *quality)',
  deleteContext: 'int32_t __stdcall DeleteSecurityContext(void *context)',
  freeCredential: 'int32_t __stdcall FreeCredentialsHandle(void *credential)',
  freeBuffer: 'int32_t __stdcall FreeContextBuffer(void *buffer)',
} as const;

let known: SspiLibrary | undefined;

/** Loads the library once. Throws `http.auth.library` on other systems than Windows. */
export function sspiLibrary(): SspiLibrary {
  known ??= load();
  return known;
}

function load(): SspiLibrary {
  const opened = openSspiLibrary();
  if ('cause' in opened) {
    const { file, remedy, cause } = opened;
    throw authError('http.auth.library', `${file} cannot be loaded; SSPI needs it. ${remedy}`, {
      cause,
      data: { library: file },
    });
  }
  const { koffi, library } = opened;
  const declared = Object.entries(DECLARATIONS).map(([name, text]) => [name, library.func(text)]);
  return {
    koffi,
    types: sspiTypes(koffi),
    calls: Object.fromEntries(declared) as SspiLibrary['calls'],
    wine: isWine(koffi),
  };
}

function sspiTypes(koffi: Koffi): SspiLibrary['types'] {
  return {
    handle: koffi.struct('SecHandle', { lower: 'uintptr_t', upper: 'uintptr_t' }),
    buffer: koffi.struct('SecBuffer', { size: 'uint32_t', type: 'uint32_t', bytes: 'void *' }),
    buffers: koffi.struct('SecBufferDesc', {
      version: 'uint32_t',
      count: 'uint32_t',
      buffers: 'void *',
    }),
    identity: koffi.struct('SEC_WINNT_AUTH_IDENTITY_W', {
      user: 'void *',
      userLength: 'uint32_t',
      domain: 'void *',
      domainLength: 'uint32_t',
      password: 'void *',
      passwordLength: 'uint32_t',
      flags: 'uint32_t',
    }),
    packageInfo: koffi.struct('SecPkgInfoW', {
      capabilities: 'uint32_t',
      version: 'uint16_t',
      rpcId: 'uint16_t',
      maxToken: 'uint32_t',
      name: 'void *',
      comment: 'void *',
    }),
  };
}

function isWine(koffi: Koffi): boolean {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  try {
    const ntdll = koffi.load(path.win32.join(root, 'System32', 'ntdll.dll'));
    ntdll.func('void *wine_get_version()');
    return true;
  } catch {
    return false;
  }
}
