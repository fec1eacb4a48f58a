import { randomBytes } from 'node:crypto';
import type { Message } from '../../net/auth/contract/scheme.ts';

/** Ways in which somebody on the way, or a broken host, spoils a sealed answer. */
export type Damage = 'garbage' | 'altered' | 'plain' | 'replayed';

/** Seals answers, and damages them if a fault is on. */
export class AnswerSealer {
  /** The last sealed answer of any connection, for replays. */
  #last: Message | undefined;

  /** @param damage undefined: the answer is left as it is. */
  seal(damage: Damage | undefined, plain: Message, seal: (message: Message) => Message): Message {
    const before = this.#last;
    const sealed = seal(plain);
    this.#last = sealed;
    switch (damage) {
      case undefined:
        return sealed;
      case 'plain':
        return plain;
      case 'replayed':
        return before ?? sealed;
      case 'garbage':
        return { ...sealed, body: randomBytes(sealed.body.length) };
      case 'altered': {
        const body = Buffer.from(sealed.body);
        const at = Math.floor(body.length * 0.75);
        body[at] = (body[at] ?? 0) ^ 1;
        return { ...sealed, body };
      }
    }
  }
}
