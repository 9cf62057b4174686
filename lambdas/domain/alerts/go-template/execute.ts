import { evaluate, fail, pipeValue, placed, type Run, spend, variableOf } from './evaluate.ts';
import type { Branch, Pipe, Statement, Tree, Trees } from './nodes.ts';
import type { Sink } from './sink.ts';
import { isTrue, typeOf, type Value } from './values.ts';

/** What templates say, as Go's text/template has it (text/template/exec.go of Go 1.19). */

/** How deep templates may name each other. */
const DEEPEST = 60;

/** One template that is being said. */
interface Saying extends Run {
  readonly trees: Trees;
  readonly sink: Sink;
  readonly depth: number;
}

/** What a list of statements ended by, where it did not go to its end. */
type Left = 'break' | 'continue' | undefined;

/** Forgets the variables that come up within. */
const within = (saying: Saying, act: () => Left): Left => {
  const known = saying.variables.length;
  const left = act();
  saying.variables.length = known;
  return left;
};

/** Each item with what it is known by: its number, or its name. */
const itemsOf = (saying: Saying, at: number, value: Value): (readonly [Value, Value])[] => {
  if (value === undefined) return [];
  if (typeof value === 'object' && value.kind === 'slice')
    return value.items.map((item, index) => [{ kind: 'int', type: 'int', value: BigInt(index) }, item]);
  if (typeof value === 'object' && value.kind === 'kv') return Array.from(value.entries);
  return fail(saying, at, `there is nothing to go through in a ${typeOf(value)}`);
};

/** Puts the number and the item of one turn into the variables of a range. */
const turned = (saying: Saying, { names, isAssignment, at }: Pipe, [index, item]: readonly [Value, Value]): void => {
  const values = names.length > 1 ? [index, item] : [item];
  for (const [place, name] of names.entries()) {
    if (isAssignment) variableOf(saying, name, at).value = values[place];
    else saying.variables.push({ name, value: values[place] });
  }
};

const range = (saying: Saying, dot: Value, { at, pipe, body, otherwise }: Branch): Left => {
  const items = itemsOf(saying, at, pipeValue(saying, dot, pipe));
  if (items.length === 0) return list(saying, dot, otherwise);
  for (const item of items) {
    spend(saying, at, 1);
    const left = within(saying, () => {
      turned(saying, pipe, item);
      return list(saying, item[1], body);
    });
    if (left === 'break') break;
  }
  return undefined;
};

const branch = (saying: Saying, dot: Value, node: Branch): Left => {
  if (node.kind === 'range') return range(saying, dot, node);
  const value = evaluate(saying, dot, node.pipe);
  if (!isTrue(value)) return list(saying, dot, node.otherwise);
  return list(saying, node.kind === 'with' ? value : dot, node.body);
};

const template = (saying: Saying, name: string, at: number, dot: Value): void => {
  const tree = saying.trees.get(name) ?? fail(saying, at, `there is no template ${JSON.stringify(name)}`);
  if (saying.depth >= DEEPEST) fail(saying, at, `templates name each other more than ${DEEPEST} deep`);
  say({ ...saying, source: tree.source, variables: [{ name: '$', value: dot }], depth: saying.depth + 1 }, dot, tree);
};

const action = (saying: Saying, dot: Value, { pipe, at }: { readonly pipe: Pipe; readonly at: number }): void => {
  const value = evaluate(saying, dot, pipe);
  if (pipe.names.length === 0) placed(saying, at, () => saying.sink.print(value));
};

const statement = (saying: Saying, dot: Value, node: Statement): Left => {
  spend(saying, node.at, 1);
  switch (node.kind) {
    case 'text':
      placed(saying, node.at, () => saying.sink.write(node.text));
      return undefined;
    case 'action':
      action(saying, dot, node);
      return undefined;
    case 'template':
      template(saying, node.name, node.at, node.pipe && evaluate(saying, dot, node.pipe));
      return undefined;
    case 'break':
    case 'continue':
      return node.kind;
    default:
      return within(saying, () => branch(saying, dot, node));
  }
};

function list(saying: Saying, dot: Value, body: readonly Statement[]): Left {
  for (const node of body) {
    const left = statement(saying, dot, node);
    if (left) return left;
  }
  return undefined;
}

function say(saying: Saying, dot: Value, { body }: Tree): void {
  list(saying, dot, body);
}

/** Says a template of some data into a sink. @throws TemplateError */
export const execute = (tree: Tree, trees: Trees, data: Value, sink: Sink): string => {
  const variables = [{ name: '$', value: data }];
  say({ source: tree.source, trees, sink, variables, spent: { steps: 0 }, depth: 0 }, data, tree);
  return sink.said();
};
