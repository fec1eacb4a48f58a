import { NS } from '../../net/wsman/names.ts';
import { element, textElement } from '../../net/xml/xml-writer.ts';

/** What the lab says it is. It never claims to be Windows. */
export const LAB_VENDOR = 'Refpoint Lab';

/** The answer to Identify; anonymous callers learn no version, as with Windows. */
export function identifyAnswer(anonymous: boolean): string {
  const version = anonymous ? 'OS: 0.0.0 SP: 0.0 Stack: 3.0' : 'OS: 10.0.17763 SP: 0.0 Stack: 3.0';
  const response = element(
    'wsmid:IdentifyResponse',
    { 'xmlns:wsmid': NS.identity },
    textElement('wsmid:ProtocolVersion', NS.wsman) +
      textElement('wsmid:ProductVendor', LAB_VENDOR) +
      textElement('wsmid:ProductVersion', version),
  );
  return element(
    's:Envelope',
    { 'xmlns:s': NS.soap, 'xml:lang': 'en-US' },
    element('s:Header', {}) + element('s:Body', {}, response),
  );
}
