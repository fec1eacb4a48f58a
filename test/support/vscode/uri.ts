import path from 'node:path';

interface Components {
  readonly scheme: string;
  readonly authority?: string;
  readonly path?: string;
  readonly query?: string;
  readonly fragment?: string;
}

/** A URI with the editor's rules: components are kept decoded, text is encoded. */
export class Uri implements Components {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;

  private constructor(from: Components) {
    this.scheme = from.scheme;
    this.authority = from.authority ?? '';
    this.path = from.path ?? '';
    this.query = from.query ?? '';
    this.fragment = from.fragment ?? '';
    if (this.authority !== '' && this.path !== '' && !this.path.startsWith('/')) {
      throw new Error('[UriError]: with an authority, the path must begin with a slash');
    }
    if (this.authority === '' && this.path.startsWith('//')) {
      throw new Error('[UriError]: without an authority, the path cannot begin with two slashes');
    }
  }

  static from(components: Components): Uri {
    return new Uri(components);
  }

  static file(text: string): Uri {
    const slashed = process.platform === 'win32' ? text.replaceAll('\\', '/') : text;
    const share = /^\/\/([^/]*)(\/.*)?$/.exec(slashed);
    if (share !== null) {
      return new Uri({ scheme: 'file', authority: share[1] ?? '', path: share[2] ?? '/' });
    }
    return new Uri({ scheme: 'file', path: slashed.startsWith('/') ? slashed : `/${slashed}` });
  }

  static parse(text: string): Uri {
    const found = /^(([^:/?#]+?):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?/.exec(text);
    const part = (index: number): string => decodeURIComponent(found?.[index] ?? '');
    return new Uri({
      scheme: found?.[2] ?? 'file',
      authority: part(4),
      path: part(5),
      query: part(7),
      fragment: part(9),
    });
  }

  static joinPath(base: Uri, ...parts: readonly string[]): Uri {
    return base.with({ path: path.posix.join(base.path, ...parts) });
  }

  get fsPath(): string {
    const drive = /^\/([a-z]):/i.exec(this.path);
    const plain =
      this.authority !== '' && this.path.length > 1 && this.scheme === 'file'
        ? `//${this.authority}${this.path}`
        : drive !== null
          ? `${drive[1]?.toLowerCase()}${this.path.slice(2)}`
          : this.path;
    return process.platform === 'win32' ? plain.replaceAll('/', '\\') : plain;
  }

  with(change: Partial<Components>): Uri {
    const { scheme, authority, path: own, query, fragment } = this;
    return new Uri({ scheme, authority, path: own, query, fragment, ...change });
  }

  toString(skipEncoding = false): string {
    const encode = (text: string, keep: RegExp): string =>
      skipEncoding
        ? text.replaceAll(/[#?]/g, encodeURIComponent)
        : text.replaceAll(/[^A-Za-z0-9\-._~]/gu, (c) => (keep.test(c) ? c : percent(c)));
    return [
      `${this.scheme}:`,
      this.authority !== '' || this.scheme === 'file' ? '//' : '',
      encode(this.authority, /[[\]:@]/),
      encode(this.path, /\//),
      this.query === '' ? '' : `?${encode(this.query, /never^/)}`,
      this.fragment === '' ? '' : `#${encode(this.fragment, /never^/)}`,
    ].join('');
  }

  toJSON(): Components & { readonly $mid: 1 } {
    const { scheme, authority, path: own, query, fragment } = this;
    return { $mid: 1, scheme, authority, path: own, query, fragment };
  }
}

function percent(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character
    ? `%${character.codePointAt(0)?.toString(16).toUpperCase()}`
    : encoded;
}
