import { VIRTUALIZATION } from '../../cim/model.ts';

/** Namespaces, actions and resource URIs of WS-Management (DSP0226) as Windows speaks it (MS-WSMV). */
export const NS = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  enumeration: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  cimBinding: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd',
  cim: 'http://schemas.dmtf.org/wbem/wscim/1/common',
  microsoft: 'http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd',
  fault: 'http://schemas.microsoft.com/wbem/wsman/1/wsmanfault',
  identity: 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd',
  xsi: 'http://www.w3.org/2001/XMLSchema-instance',
  /** Remote shells (MS-WSMV 2.2.1). */
  shell: 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell',
} as const;

/** Resource URI of a shell that runs command lines (MS-WSMV 2.2.4.26). */
export const SHELL_URI = `${NS.shell}/cmd`;

export const ACTION = {
  get: `${NS.transfer}/Get`,
  enumerate: `${NS.enumeration}/Enumerate`,
  pull: `${NS.enumeration}/Pull`,
  release: `${NS.enumeration}/Release`,
  fault: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault',
  addressingFault: `${NS.addressing}/fault`,
  enumerationFault: `${NS.enumeration}/fault`,
  transferFault: `${NS.transfer}/fault`,
} as const;

export const DIALECT = {
  wql: 'http://schemas.microsoft.com/wbem/wsman/1/WQL',
  selector: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter',
  association: 'http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter',
} as const;

export const ANONYMOUS = `${NS.addressing}/role/anonymous`;

const WMI_PREFIX = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/';

/** Returns the resource URI of a class; `*` means every class (WQL, association filters). */
export function resourceUri(className: string, namespace: string = VIRTUALIZATION): string {
  return `${WMI_PREFIX}${namespace}/${className}`;
}

export interface ResourceName {
  readonly namespace: string;
  readonly className: string;
}

/** Parses a resource URI into namespace and class; undefined if it does not belong to WMI. */
export function parseResourceUri(uri: string): ResourceName | undefined {
  if (uri.slice(0, WMI_PREFIX.length).toLowerCase() !== WMI_PREFIX) return undefined;
  const rest = uri.slice(WMI_PREFIX.length);
  const slash = rest.lastIndexOf('/');
  if (slash <= 0 || slash === rest.length - 1) return undefined;
  return { namespace: rest.slice(0, slash), className: rest.slice(slash + 1) };
}
