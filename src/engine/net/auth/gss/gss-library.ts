/**
 * The system's GSS-API (RFC 2744, RFC 6680 for the IOV calls in MIT's gssapi_ext.h), for Kerberos
 * in both roles. Start reading at `gss-initiator.ts`. Only the Kerberos mechanism is ever used:
 * SPNEGO around it is our own (`../spnego`), because the library's SPNEGO hides the reasons of a
 * failed login and falls back to NTLM by itself if a plug-in for it is installed.
 */
import type { Koffi, NativeFunction, NativeLibrary, NativeType } from '../../../native/koffi.ts';
import { openGssLibrary } from '../../../native/system-library.ts';
import { authError } from '../contract/auth-errors.ts';

/** Structs of gssapi.h. */
export interface GssTypes {
  /** gss_buffer_desc: `length`, `value`. */
  readonly buffer: NativeType;
  /** gss_OID_desc: `length`, `elements`. */
  readonly oid: NativeType;
  /** gss_OID_set_desc and gss_buffer_set_desc: `count`, `elements`. */
  readonly set: NativeType;
  /** gss_iov_buffer_desc: `type`, `buffer`. */
  readonly iov: NativeType;
  /** gss_key_value_element_desc: `key`, `value`. */
  readonly pair: NativeType;
  /** gss_key_value_set_desc: `count`, `elements`. */
  readonly pairs: NativeType;
  /** gss_channel_bindings_struct. */
  readonly bindings: NativeType;
}

const DECLARATIONS = {
  importName:
    'uint32_t gss_import_name(_Out_ uint32_t *minor, void *text, void *type, _Out_ void **name)',
  displayName:
    'uint32_t gss_display_name(_Out_ uint32_t *minor, void *name, void *text, void *type)',
  releaseName: 'uint32_t gss_release_name(_Out_ uint32_t *minor, _Inout_ void **name)',
  acquireWithPassword:
    'uint32_t gss_acquire_cred_with_password(_Out_ uint32_t *minor, void *name, void *password, uint32_t time, void *mechs, int usage, _Out_ void **cred, void *actual, void *received)',
  acquireFrom:
    'uint32_t gss_acquire_cred_from(_Out_ uint32_t *minor, void *name, uint32_t time, void *mechs, int usage, void *store, _Out_ void **cred, void *actual, void *received)',
  setNegotiable: 'uint32_t gss_set_neg_mechs(_Out_ uint32_t *minor, void *cred, void *mechs)',
  releaseCredential: 'uint32_t gss_release_cred(_Out_ uint32_t *minor, _Inout_ void **cred)',
  initContext:
    'uint32_t gss_init_sec_context(_Out_ uint32_t *minor, void *cred, _Inout_ void **context, void *target, void *mech, uint32_t flags, uint32_t time, void *bindings, void *token, _Out_ void **actual, void *out, _Out_ uint32_t *granted, void *received)',
  acceptContext:
    'uint32_t gss_accept_sec_context(_Out_ uint32_t *minor, _Inout_ void **context, void *cred, void *token, void *bindings, _Out_ void **source, _Out_ void **actual, void *out, _Out_ uint32_t *granted, void *received, void *delegated)',
  deleteContext:
    'uint32_t gss_delete_sec_context(_Out_ uint32_t *minor, _Inout_ void **context, void *token)',
  inquireByOid:
    'uint32_t gss_inquire_sec_context_by_oid(_Out_ uint32_t *minor, void *context, void *oid, _Out_ void **set)',
  releaseBufferSet: 'uint32_t gss_release_buffer_set(_Out_ uint32_t *minor, _Inout_ void **set)',
  releaseBuffer: 'uint32_t gss_release_buffer(_Out_ uint32_t *minor, void *buffer)',
  wrapLength:
    'uint32_t gss_wrap_iov_length(_Out_ uint32_t *minor, void *context, int confidential, uint32_t qop, _Out_ int *state, void *iov, int count)',
  wrap: 'uint32_t gss_wrap_iov(_Out_ uint32_t *minor, void *context, int confidential, uint32_t qop, _Out_ int *state, void *iov, int count)',
  unwrap:
    'uint32_t gss_unwrap_iov(_Out_ uint32_t *minor, void *context, _Out_ int *state, _Out_ uint32_t *qop, void *iov, int count)',
  getMic:
    'uint32_t gss_get_mic(_Out_ uint32_t *minor, void *context, uint32_t qop, void *message, void *mic)',
  verifyMic:
    'uint32_t gss_verify_mic(_Out_ uint32_t *minor, void *context, void *message, void *mic, _Out_ uint32_t *qop)',
} as const;

export type GssCalls = Readonly<Record<keyof typeof DECLARATIONS, NativeFunction>>;

export interface GssLibrary {
  readonly koffi: Koffi;
  readonly types: GssTypes;
  readonly calls: GssCalls;
}

let known: GssLibrary | undefined;

/**
 * Loads the library once. Throws `http.auth.library` with the package that brings it if it is
 * missing. A call that this version of the library lacks throws the same when it is made.
 */
export function gssLibrary(): GssLibrary {
  known ??= load();
  return known;
}

function load(): GssLibrary {
  const opened = openGssLibrary();
  if ('cause' in opened) {
    const { file, remedy, cause } = opened;
    throw missing(`The system library ${file} cannot be loaded`, remedy, file, cause);
  }
  const { koffi, library } = opened;
  const declared = Object.entries(DECLARATIONS).map(([name, declaration]) => [
    name,
    declare(library, declaration),
  ]);
  return { koffi, types: gssTypes(koffi), calls: Object.fromEntries(declared) as GssCalls };
}

function declare(library: NativeLibrary, declaration: string): NativeFunction {
  try {
    return library.func(declaration);
  } catch (cause) {
    const call = /gss_\w+/.exec(declaration)?.[0] ?? declaration;
    const absent = (): never => {
      throw missing(`The system's GSS-API lacks ${call}`, 'Update it', call, cause);
    };
    return Object.assign(absent, { async: absent });
  }
}

function missing(found: string, remedy: string, library: string, cause: unknown): Error {
  return authError('http.auth.library', `${found}; Kerberos needs it. ${remedy}`, {
    cause,
    data: { library },
  });
}

function gssTypes(koffi: Koffi): GssTypes {
  // gssapi.h of macOS packs its structs on Intel processors.
  const packed = process.platform === 'darwin' && process.arch === 'x64';
  const struct = (name: string, members: Record<string, string | NativeType>): NativeType =>
    packed ? koffi.pack(name, members) : koffi.struct(name, members);
  const buffer = struct('gss_buffer_desc', { length: 'size_t', value: 'void *' });
  return {
    buffer,
    oid: struct('gss_OID_desc', { length: 'uint32_t', elements: 'void *' }),
    set: struct('gss_set_desc', { count: 'size_t', elements: 'void *' }),
    iov: struct('gss_iov_buffer_desc', { type: 'uint32_t', buffer }),
    pair: struct('gss_key_value_element_desc', { key: 'void *', value: 'void *' }),
    pairs: struct('gss_key_value_set_desc', { count: 'uint32_t', elements: 'void *' }),
    bindings: struct('gss_channel_bindings_struct', {
      initiator_addrtype: 'uint32_t',
      initiator_address: buffer,
      acceptor_addrtype: 'uint32_t',
      acceptor_address: buffer,
      application_data: buffer,
    }),
  };
}
