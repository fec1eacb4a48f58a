import type { Identity } from '../../cim/client.ts';
import { childText, requireChild, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element } from '../../cim/xml/xml-writer.ts';
import { NS } from './names.ts';

/** Identify has no addressing headers (DSP0226 11). */
export const IDENTIFY_ENVELOPE = element(
  's:Envelope',
  { 'xmlns:s': NS.soap, 'xmlns:wsmid': NS.identity },
  element('s:Header', {}) + element('s:Body', {}, element('wsmid:Identify', {})),
);

export interface WsmanIdentity extends Identity {
  readonly protocolVersion: string;
}

export function parseIdentity(body: XmlElement): WsmanIdentity {
  const response = requireChild(body, 'IdentifyResponse');
  return {
    protocolVersion: childText(response, 'ProtocolVersion') ?? '',
    productVendor: childText(response, 'ProductVendor') ?? '',
    productVersion: childText(response, 'ProductVersion') ?? '',
  };
}
