/** Object identifiers of mechanisms that peers offer (MS-SPNG 1.9, RFC 4178). */
export const OID = {
  spnego: '1.3.6.1.5.5.2',
  ntlm: '1.3.6.1.4.1.311.2.2.10',
  kerberos: '1.2.840.113554.1.2.2',
  /** Kerberos as old versions of Windows wrote it. */
  microsoftKerberos: '1.2.840.48018.1.2.2',
  negoEx: '1.3.6.1.4.1.311.2.2.30',
} as const;

const LABELS: Readonly<Record<string, string>> = {
  [OID.ntlm]: 'NTLM',
  [OID.kerberos]: 'Kerberos',
  [OID.microsoftKerberos]: 'Kerberos (Microsoft)',
  [OID.negoEx]: 'NegoEx',
};

/** Returns the name of a mechanism for errors. */
export function mechanismLabel(oid: string): string {
  return LABELS[oid] ?? oid;
}
