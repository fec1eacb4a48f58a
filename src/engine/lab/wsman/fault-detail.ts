import { element, textElement } from '../../cim/xml/xml-writer.ts';
import { ACTION, NS, resourceUri } from '../../net/wsman/names.ts';
import type { CimFault, FailedRequest } from '../wmi/cim-fault.ts';

const PROVIDER = {
  provider: 'WMI Provider',
  path: '%systemroot%\\system32\\WsmWmiPl.dll',
} as const;

/** Errors of WMI itself (0x8004xxxx, 0x8007xxxx); all others are WinRM's. */
const isWmiNumber = (number: number): boolean => number > 0x80040000 && number < 0x80080000;

/** CIM status codes (DSP0200) of WMI errors; 1 is a general failure. */
const CIM_STATUS: Readonly<Record<number, number>> = {
  2147749890: 6,
  2147749891: 2,
  2147749896: 4,
  2147749902: 3,
  2147749904: 5,
  2147749935: 4,
};

/**
 * Renders the detail of a fault as a host of 2012 and later does: MSFT_WmiError for a failed method,
 * WSManFault with the provider's fault for an error of WMI elsewhere, WSManFault alone for an error
 * of WinRM.
 */
export function faultDetail(fault: CimFault, text: string, machine: string): string {
  const { request, number } = fault;
  const namespace = request?.resource?.namespace;
  if (request === undefined || namespace === undefined) return wsmanFault(number, machine, text);
  if (isWmiNumber(number) && isMethod(request)) return wmiError(number, text, namespace);
  if (isWmiNumber(number) || fault.kind === 'cannotProcessFilter') {
    return providerFault(number, machine, text, request, namespace);
  }
  return wsmanFault(number, machine, text);
}

const isMethod = ({ action, resourceUri: uri }: FailedRequest): boolean =>
  action.startsWith(`${uri}/`);

function wsmanFault(number: number, machine: string, text: string): string {
  return element(
    'f:WSManFault',
    { 'xmlns:f': NS.fault, Code: String(number), Machine: machine },
    textElement('f:Message', text),
  );
}

function providerFault(
  number: number,
  machine: string,
  text: string,
  { action }: FailedRequest,
  namespace: string,
): string {
  const code = { Code: String(number), Machine: machine };
  const inner = element('f:WSManFault', code, textElement('f:Message', text));
  const status = element(
    'p:__ExtendedStatus',
    { 'xmlns:p': resourceUri('__ExtendedStatus', namespace), 'xmlns:xsi': NS.xsi },
    element('p:Description', { 'xsi:nil': 'true' }) +
      textElement('p:Operation', action === ACTION.get ? 'GetObject' : 'ExecQuery') +
      element('p:ParameterInfo', { 'xsi:nil': 'true' }) +
      textElement('p:ProviderName', 'WinMgmt') +
      element('p:StatusCode', { 'xsi:nil': 'true' }),
  );
  const extended = element('f:ExtendedError', {}, status);
  const provider = element('f:ProviderFault', PROVIDER, inner + extended);
  return element(
    'f:WSManFault',
    { 'xmlns:f': NS.fault, ...code },
    element('f:Message', {}, provider),
  );
}

function wmiError(number: number, text: string, namespace: string): string {
  const hex = `0x${number.toString(16)}`;
  const status = String(CIM_STATUS[number] ?? 1);
  return element(
    'p:MSFT_WmiError',
    {
      'b:IsCIM_Error': 'true',
      'xmlns:b': NS.cimBinding,
      'xmlns:p': resourceUri('MSFT_WmiError', namespace),
      'xmlns:cim': NS.cim,
      'xmlns:xsi': NS.xsi,
    },
    element('p:CIMStatusCode', { 'xsi:type': 'cim:cimUnsignedInt' }, status) +
      element('p:CIMStatusCodeDescription', { 'xsi:nil': 'true' }) +
      textElement('p:Message', text) +
      textElement('p:MessageID', `HRESULT ${hex}`) +
      element('p:error_Category', { 'xsi:type': 'cim:cimUnsignedInt' }, '0') +
      element('p:error_Code', { 'xsi:type': 'cim:cimUnsignedInt' }, String(number)) +
      textElement('p:error_Type', 'HRESULT') +
      textElement('p:error_WindowsErrorMessage', text),
  );
}
