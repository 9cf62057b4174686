/** A place in the text of a template. */
export interface Source {
  /** The name that the template goes by: `slack.default.title`, or the field that it was written in. */
  readonly name: string;
  readonly text: string;
}

/** Line and column of a place, from 1, in characters. */
const placeOf = (text: string, at: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: Array.from(before.at(-1) ?? '').length + 1 };
};

/** A template that is none, or that comes to nothing: which one, where in it, and why. */
export class TemplateError extends Error {
  readonly line: number;
  readonly column: number;

  constructor({ name, text }: Source, at: number, why: string) {
    const { line, column } = placeOf(text, at);
    super(`template ${name}, line ${line}, column ${column}: ${why}`);
    this.line = line;
    this.column = column;
  }
}

/** What a function or a method says of what it was given, before it is known where. */
export class Misuse extends Error {}
