import { NS } from '../../net/wsman/names.ts';
import { element, textElement } from '../../cim/xml/xml-writer.ts';

/** The lab's vendor name. It never claims to be Windows. */
const LAB_VENDOR = 'Refpoint Lab';

/**
 * Renders the answer to Identify; anonymous callers receive no version, as on Windows.
 * @param osVersion the emulated build, `10.0.17763`
 */
export function identifyAnswer(anonymous: boolean, osVersion: string): string {
  const version = `OS: ${anonymous ? '0.0.0' : osVersion} SP: 0.0 Stack: 3.0`;
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
