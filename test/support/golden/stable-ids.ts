/** Replaces what differs from run to run by names that are numbered as they come up. */
export class StableIds {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  text(text: string): string {
    return text
      .replaceAll(/[0-9a-f]{8}(?:[-:][0-9a-f]{4}){3}[-:][0-9a-f]{12}/gi, (id) =>
        this.#name('guid', id.toLowerCase().replaceAll(':', '-')),
      )
      .replaceAll(/\b\d{4}(?:-\d{4}){3}-\d{10}\b/g, (serial) => this.#name('serial', serial))
      .replaceAll(/\brctX:([0-9a-f]{8}):/g, (_, id: string) => `rctX:${this.#name('rct', id)}:`)
      .replaceAll(/\b\d{8}T\d{6}Z\b/g, (time) => this.#name('point', time))
      .replaceAll(/\d{14}\.\d{6}[+-]\d{3}/g, '{cim time}')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '{time}')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:{port}')
      .replaceAll(/(OnTimeInMilliseconds>)\d+/g, '$1{milliseconds}')
      .replaceAll(/PT\d+(?:\.\d+)?S/g, '{duration}');
  }

  #name(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = `{${kind} ${count}}`;
    this.#names.set(key, name);
    return name;
  }
}
