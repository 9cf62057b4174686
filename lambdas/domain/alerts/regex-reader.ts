/** A pattern that is read from left to right, rune by rune. */
export class PatternReader {
  readonly #pattern: string;
  readonly #runes: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#runes = Array.from(pattern);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#runes.length;
  }

  /** What stands next, or so many runes on; nothing beyond the end. */
  peek(ahead = 0): string {
    return this.#runes[this.#at + ahead] ?? '';
  }

  /** So many runes from here on. */
  near(count: number): string {
    return this.#runes.slice(this.#at, this.#at + count).join('');
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Goes over an ASCII text where it stands next. */
  takes(text: string): boolean {
    const isNext = this.near(text.length) === text;
    if (isNext) this.skip(text.length);
    return isNext;
  }

  /** The text up to a rune, which is gone over too; nothing where it never comes. */
  upTo(end: string): string | undefined {
    const last = this.#runes.indexOf(end, this.#at);
    if (last < 0) return undefined;
    const text = this.near(last - this.#at);
    this.#at = last + 1;
    return text;
  }

  /** An error in Go's words. */
  wrong(what: string): Error {
    return new Error(`error parsing regexp: ${what}: \`${this.#pattern}\``);
  }
}
