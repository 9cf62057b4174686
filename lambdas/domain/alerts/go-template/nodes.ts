import type { Source } from './error.ts';

/** What a template is once it is read. `at` is where in its text something begins. */

/** Something that has a value. */
export type Operand =
  | { readonly kind: 'dot' | 'nil'; readonly at: number }
  | { readonly kind: 'bool'; readonly at: number; readonly value: boolean }
  | { readonly kind: 'string'; readonly at: number; readonly value: string }
  | NumberNode
  | { readonly kind: 'field'; readonly at: number; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly at: number; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'function'; readonly at: number; readonly name: string }
  | { readonly kind: 'chain'; readonly at: number; readonly of: Operand; readonly names: readonly string[] }
  | Pipe;

/** A number that has no type yet: it may be asked for as a whole one, as a fraction, or as either. */
export interface NumberNode {
  readonly kind: 'number';
  readonly at: number;
  readonly int: bigint | undefined;
  readonly float: number;
  /** Whether it is a fraction where nobody asks. */
  readonly isFloat: boolean;
}

/** An operand, and what it is given where it is a function or a method. */
export interface Command {
  readonly at: number;
  readonly operands: readonly [Operand, ...Operand[]];
}

/** Commands, each given what the one before came to. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly at: number;
  /** Variables that it is put into. */
  readonly names: readonly string[];
  /** Whether these variables are there already. */
  readonly isAssignment: boolean;
  readonly commands: readonly Command[];
}

export type Statement =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  | { readonly kind: 'action'; readonly at: number; readonly pipe: Pipe }
  | Branch
  | { readonly kind: 'break' | 'continue'; readonly at: number }
  | { readonly kind: 'template'; readonly at: number; readonly name: string; readonly pipe: Pipe | undefined };

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: Pipe;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

/** One template, with the text that it stands in. */
export interface Tree {
  readonly source: Source;
  readonly body: readonly Statement[];
}

/** Templates by their names. */
export type Trees = ReadonlyMap<string, Tree>;
