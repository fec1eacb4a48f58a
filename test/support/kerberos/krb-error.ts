/** Returns the token by which a service refuses a ticket: KRB-ERROR (RFC 4120 5.9.1, RFC 4121 4.1). */
export function krbErrorToken(errorCode: number, realm: string): string {
  const name = der(0x30, [
    der(0xa0, [der(0x02, [Buffer.from([2])])]),
    der(0xa1, [der(0x30, [text('HTTP'), text('localhost')])]),
  ]);
  const now = `${new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  const error = der(0x7e, [
    der(0x30, [
      number(0, 5),
      number(1, 30),
      der(0xa4, [der(0x18, [Buffer.from(now)])]),
      number(5, 0),
      number(6, errorCode),
      der(0xa9, [text(realm)]),
      der(0xaa, [name]),
    ]),
  ]);
  const oid = der(0x06, [Buffer.from('2a864886f712010202', 'hex')]);
  return der(0x60, [oid, Buffer.from([3, 0]), error]).toString('base64');
}

const text = (value: string): Buffer => der(0x1b, [Buffer.from(value)]);
const number = (tag: number, value: number): Buffer =>
  der(0xa0 + tag, [der(0x02, [Buffer.from([value])])]);

function der(tag: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [0x81, body.length];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
